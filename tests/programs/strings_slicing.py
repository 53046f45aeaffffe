"""Slices of every kind, and membership."""
s = "abcdef"
for sl in ((None, None), (1, 4), (-3, None), (None, -1), (4, 1), (0, 100), (-100, 2)):
    print(sl, s[slice(*sl)], list(s)[slice(*sl)], bytes(s, "ascii")[slice(*sl)])
for st in (1, 2, 3, -1, -2, 100, -100):
    print(st, s[::st], s[1:5:st], s[5:1:st])
print("" in s, "cd" in s, "x" in s, s[slice(1, 3)], slice(1, None, -2).indices(5), slice(None, None).indices(3))
try:
    s[::0]
except ValueError as error:
    print(error)
print(s * 2, 0 * s, -1 * s, s + "", s < "b", s < "abcdeg", "a" < "B", s == "abcdef", s != s)
