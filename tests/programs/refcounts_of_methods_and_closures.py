"""Bound methods hold their object, closures their cells."""
import sys
class A:
    def m(self): pass
a = A()
base = sys.getrefcount(a)
m = a.m
print(sys.getrefcount(a) - base)
del m
def outer(value):
    return lambda: value
f = outer(a)
print(sys.getrefcount(a) - base, f.__closure__[0].cell_contents is a)
del f
g = (i for i in [a])
next(g)
print(sys.getrefcount(a) - base)
g.close()
print(sys.getrefcount(a) - base)
