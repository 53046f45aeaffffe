"""Data descriptors win over the instance, others lose."""
class Data:
    def __get__(self, obj, owner): return ("get", obj is None, owner.__name__)
    def __set__(self, obj, value): print("set", value)
    def __delete__(self, obj): print("delete")
class NonData:
    def __get__(self, obj, owner): return "non-data"
    def __set_name__(self, owner, name): print("named", owner.__name__, name)
class A:
    d = Data()
    n = NonData()
a = A()
a.__dict__.update(d="instance d", n="instance n")
print(a.d, a.n, A.d)
a.d = 1
del a.d
class OnlySet:
    def __set__(self, obj, value): obj.__dict__["o"] = value
A.o = OnlySet()
print(type(a.o).__name__)
a.o = 5
print(a.o)
