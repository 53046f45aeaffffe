"""Sets and frozensets."""
a, b = {1, 2, 3}, {3, 4}
print(a | b, a & b, a - b, a ^ b, a <= {1, 2, 3, 4}, a < a, a.isdisjoint({9}), a >= {1})
a.add(9); a.discard(100); a.update([7], (8,)); a -= {1}; print(a, len(a), 2 in a)
f = frozenset([1, 2]); print(f, hash(f) == hash(frozenset([2, 1])), {f: 1}[frozenset({2, 1})], f | {3}, type(f | {3}).__name__, type({3} | f).__name__, f == {1, 2})
print({1, 1.0, True}, set("hello") == set("olleh"), {frozenset({1})} == {frozenset({1})}, set() , frozenset())
for g in (lambda: {[]}, lambda: a.remove(555), lambda: set().pop(), lambda: {1} + {2}, lambda: {1} | [2], lambda: hash(set())):
    try:
        print(g())
    except Exception as error:
        print(type(error).__name__, error)
print({"a", "b", "c"}, {"x": 1}.keys() == {"x"}, {1, 2}.union([3], {4}), {1, 2, 3}.symmetric_difference([3, 4]))
