"""pickle of all protocols, copy and deepcopy."""
import pickle, copy
class A:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return self.x == o.x
class S:
    __slots__ = ("a",)
class R:
    def __reduce__(self): return (A, (9,))
values = [1, -2 ** 70, 1.5, 1j, "é", b"\xff", (1, (2,)), [1, [2]], {"a": {1}}, frozenset({1}), None, True, ..., range(3), slice(1, 2), A(5), int, len, bytearray(b"x"), R()]
for p in range(6):
    out = [pickle.loads(pickle.dumps(v, p)) for v in values]; print(p, out[:14] == values[:14], out[15].x, out[-1].x, out[16:18])
l = [1]; l.append(l); c = copy.deepcopy(l); print(c[1] is c, copy.copy(l)[1] is l, pickle.loads(pickle.dumps(l))[1][0])
s = S(); s.a = 1; print(copy.copy(s).a, pickle.loads(pickle.dumps(s, 2)).a); m = {"k": [1]}; d = copy.deepcopy(m); d["k"].append(2); print(m, d)
for bad in (lambda: 0, (i for i in ""), open):
    try: pickle.dumps(bad); print("ok")
    except Exception as e: print(type(e).__name__)
for data in (b"cos\nsystem_nope\n.",):
    try: pickle.loads(data)
    except Exception as e: print(type(e).__name__)
