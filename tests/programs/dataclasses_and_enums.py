"""dataclass, Enum, Flag."""
from dataclasses import dataclass, field, asdict, replace, fields
from enum import Enum, IntEnum, Flag, auto
@dataclass(order=True)
class P:
    x: int
    y: int = 2
    z: list = field(default_factory=list, compare=False)
p = P(1); print(p, p == P(1), p < P(2), asdict(p), replace(p, x=5), [f.name for f in fields(P)])
@dataclass(frozen=True, slots=True)
class F: a: int
try: F(1).a = 2
except Exception as e: print(type(e).__name__, e)
print(hash(F(1)) == hash(F(1)), F.__slots__)
class C(Enum):
    R = 1; G = 2; B = auto(); RED = 1
print(C.R, repr(C.G), C(3), C["B"], list(C), C.RED is C.R, C.R.name, C.R == 1, len(C), C.R in C)
class N(IntEnum): A = 1; B = 2
print(N.A < N.B, N.A + 1, N(2), f"{N.A}", N.A == 1)
class W(Flag): X = auto(); Y = auto(); XY = X | Y
print(W.X | W.Y, W.XY & W.X, ~W.X, W(0), W.X in W.XY, list(W.XY))
for f in (lambda: C(9), lambda: setattr(C, "R", 5), lambda: C["Q"], lambda: P()):
    try: f()
    except Exception as e: print(type(e).__name__, e)
