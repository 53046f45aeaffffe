"""__init_subclass__, __class_getitem__, __set_name__ and __class__."""
class Base:
    registry = {}
    def __init_subclass__(cls, /, key=None, **kw):
        super().__init_subclass__(**kw)
        Base.registry[key] = cls.__name__
    def __class_getitem__(cls, item): return f"{cls.__name__}[{item}]"
class A(Base, key="a"): pass
class B(A): pass
print(Base.registry, A[int], B["x"])
try:
    class C(Base, unknown=1): pass
except TypeError as error:
    print(error)
class D:
    def who(self): return __class__.__name__
class E(D): pass
print(E().who())
e = E()
e.__class__ = D
print(type(e).__name__)
try:
    e.__class__ = int
except TypeError as error:
    print(error)
