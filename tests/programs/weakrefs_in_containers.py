"""WeakSet, WeakKeyDictionary, WeakValueDictionary, finalize, WeakMethod."""
import weakref
class K:
    def __init__(self, n): self.n = n
    def m(self): return self.n
a, b = K(1), K(2)
s = weakref.WeakSet([a, b])
d = weakref.WeakKeyDictionary({a: "a", b: "b"})
v = weakref.WeakValueDictionary(a=a, b=b)
print(len(s), len(d), sorted(v))
m = weakref.WeakMethod(a.m)
print(m()())
f = weakref.finalize(a, print, "finalized", 1)
del a
print(len(s), len(d), sorted(v), m(), f.alive)
f = weakref.finalize(b, print, "never")
print(f.detach()[1] is print, f.alive)
