"""Weak references: callbacks, identity, hash, equality."""
import weakref
class A: pass
a = A()
r = weakref.ref(a, lambda ref: print("callback", ref() is None))
print(r() is a, weakref.ref(a) is weakref.ref(a), weakref.getweakrefcount(a))
p = weakref.proxy(a)
p.x = 5
print(a.x, type(p).__name__)
other = A()
print(weakref.ref(a) == weakref.ref(a), weakref.ref(a) == weakref.ref(other))
del a
print(r())
try:
    p.x
except ReferenceError as error:
    print(error)
for bad in (1, "s", ()):
    try:
        weakref.ref(bad)
    except TypeError as error:
        print(error)
