"""__slots__: no dict, descriptors, inheritance, errors."""
class P:
    __slots__ = ("x", "y")
    def __init__(self): self.x = 1
p = P()
print(p.x, hasattr(p, "y"), hasattr(p, "__dict__"))
for action in (lambda: p.y, lambda: setattr(p, "z", 1), lambda: delattr(p, "y")):
    try:
        action()
    except AttributeError as error:
        print(error)
class Q(P):
    __slots__ = ("z", "__dict__")
q = Q()
q.z, q.other = 2, 3
print(q.x, q.z, q.__dict__, P.x.__get__(q))
print(type(P.x).__name__, P.x)
for bases, slots in [((int,), ("a",)), ((), ("1a",)), ((tuple,), ("a",)), ((), ("a", "a"))]:
    try:
        type("T", bases, {"__slots__": slots})
        print("ok")
    except (TypeError, ValueError) as error:
        print(error)
try:
    type("T", (), {"__slots__": ("a",), "a": 1})
except ValueError as error:
    print(error)
class R(P): pass
R().anything = 1
class M1: __slots__ = ("a",)
class M2: __slots__ = ("b",)
try:
    class Both(M1, M2): pass
except TypeError as error:
    print(error)
