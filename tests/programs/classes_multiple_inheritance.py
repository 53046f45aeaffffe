"""The method resolution order is C3; super follows it."""
class A:
    def f(self): return ["A"]
class B(A):
    def f(self): return ["B"] + super().f()
class C(A):
    def f(self): return ["C"] + super().f()
class D(B, C):
    def f(self): return ["D"] + super().f()
print(D().f(), [c.__name__ for c in D.__mro__])
try:
    class X(A, D): pass
except TypeError as error:
    print(error)
try:
    class Y(B, B): pass
except TypeError as error:
    print(error)
D.__bases__ = (C, B)
print(D().f())
print(super(C, D()).f(), super(B, D).f.__qualname__)
