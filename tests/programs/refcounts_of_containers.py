"""Every place that holds an object counts once."""
import sys
x = object()
base = sys.getrefcount(x)
held = [x, x]
print(sys.getrefcount(x) - base)
held.append((x,))
print(sys.getrefcount(x) - base)
d = {"k": x, 1: x}
print(sys.getrefcount(x) - base)
del d["k"]
print(sys.getrefcount(x) - base)
del held, d
print(sys.getrefcount(x) - base)
def f(arg): return sys.getrefcount(arg)
print(f(x) - base)
