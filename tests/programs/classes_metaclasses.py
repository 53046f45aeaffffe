"""Metaclasses: __prepare__, __new__, __call__, conflicts, keywords."""
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, kw)
        return {"from_prepare": 1}
    def __new__(mcs, name, bases, ns, **kw):
        print("new", name, sorted(k for k in ns if not k.startswith("__")))
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print("init", name)
        super().__init__(name, bases, ns)
    def __call__(cls, *args):
        print("call", args)
        return super().__call__(*args)
    def __iter__(cls): return iter("abc")
    def __len__(cls): return 3
class A(metaclass=Meta, option=5):
    def __init__(self, x=0): self.x = x
    y = 2
print(A(3).x, list(A), len(A), A.from_prepare, type(A).__name__)
class Other(type): pass
class B(metaclass=Other): pass
try:
    class C(A, B): pass
except TypeError as error:
    print(error)
