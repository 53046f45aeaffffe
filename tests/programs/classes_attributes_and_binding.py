"""Instance, class and static attributes; binding of functions."""
class A:
    shared = []
    def method(self): return self
    @classmethod
    def make(cls): return cls.__name__
    @staticmethod
    def plain(x): return x * 2
class B(A): pass
b = B()
b.shared.append(1)
print(A.shared, b.method() is b, B.make(), b.make(), A.plain(4), b.plain(5))
print(type(b.method), b.method.__func__ is A.method, b.method == b.method, b.method is b.method)
b.method = lambda: "own"
print(b.method(), "method" in b.__dict__)
del b.method
print(b.method() is b)
try:
    A.method()
except TypeError as error:
    print(error)
print(A.__dict__["make"].__func__.__qualname__, B.__mro__, B.__bases__, B.__name__, B.__module__)
