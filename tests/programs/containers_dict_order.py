"""Dicts keep insertion order, through deletions and updates."""
d = {"b": 1, "a": 2}
d["c"] = 3; d["b"] = 4; del d["a"]; d["a"] = 5
print(d, list(d), list(reversed(d)), list(d.items()))
print(d.pop("b"), d.popitem(), d.setdefault("z", 9), d.get("nope", 0), d)
d.update(x=1, c=2); d |= {"y": 1}
print(d, d | {"z": 0}, {**d, "c": "last"}, dict.fromkeys("ab", 0), dict([("k", 1)], k2=2), dict(zip("ab", range(2))))
print({"a": 1, "b": 2} == {"b": 2, "a": 1}, d.keys() & {"x", "q"}, sorted(d.keys() | {"q"}), sorted(d.items() - {("x", 1)}), "x" in d.keys(), 1 in d.values())
try:
    for k in d: d[k + "!"] = 1
except RuntimeError as error:
    print(error)
v = d.keys(); n = len(v); d["new"] = 1; print(len(v) - n)
class D(dict):
    def __missing__(self, key): return f"no {key}"
print(D()["x"], D().get("x"))
