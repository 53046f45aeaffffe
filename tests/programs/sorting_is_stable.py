"""sort: stability, keys, reverse, hostile comparisons."""
data = [("b", 2), ("a", 2), ("c", 1), ("d", 1)]
print(sorted(data, key=lambda p: p[1]), sorted(data, key=lambda p: p[1], reverse=True), sorted(data), sorted("bcaA", key=str.lower))
import functools, random
print(sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)), sorted([[2], [1, 5], [1]]), sorted({"b": 1, "a": 2}), max(data, key=lambda p: p[1]), min(data, key=lambda p: p[1]), min([], default=0))
rng = random.Random(5); big = [rng.randrange(1000) for _ in range(5000)]; s = sorted(big); print(all(x <= y for x, y in zip(s, s[1:])), sum(s) == sum(big), s[::500])
class Evil:
    def __init__(self, l): self.l = l
    def __lt__(self, other): self.l.append(1); return False
l = []; l.extend([Evil(l), Evil(l)])
try:
    l.sort()
except ValueError as error:
    print(error)
class Count:
    n = 0
    def __init__(self, v): self.v = v
    def __lt__(self, o): Count.n += 1; return self.v < o.v
sorted(map(Count, range(100))); print(Count.n)
for bad in ([1, "a"], [1j, 2j], [None, 1]):
    try:
        sorted(bad)
    except TypeError as error:
        print(error)
