"""Operators do not ask the instance."""
class A:
    def __len__(self): return 3
a = A()
a.__len__ = lambda: 99
print(len(a), a.__len__())
class B: pass
b = B()
b.__call__ = lambda: 1
try:
    b()
except TypeError as error:
    print(error)
B.__call__ = lambda self: "called"
print(b())
del B.__call__
print(callable(b))
A.__len__ = lambda self: -1
for f in (len, bool):
    try:
        f(a)
    except ValueError as error:
        print(error)
