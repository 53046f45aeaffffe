"""A key that is added goes to the last place on its way that a key was taken out of, which shows in the order."""
s = {1, 3}
s.discard(1)
for key in (9, 0, 2):
    s.add(key)
print(list(s))
s = set(range(8))
s -= {2, 4, 6}
s |= {10, 12, 14}
print(list(s))
left, right = frozenset("abc"), frozenset(range(5))
print([key for key in left ^ right if isinstance(key, int)])
print(list(set(range(4)) ^ {3, 64, 128}), list({3, 64, 128} ^ set(range(4))))
print(list(set(range(4)).symmetric_difference([64, 3, 128])))
one, other = {1: 1, 2: [2], 3: 3}, {2: [2], 3: 4}
print(sorted(one.items() ^ other.items()))
print({("a", 1): [0]}.items() & frozenset("ab"))
print(frozenset().issuperset(iter([1, []])))
try:
    frozenset([1]).issuperset(iter([1, []]))
except TypeError as error:
    print(error)
