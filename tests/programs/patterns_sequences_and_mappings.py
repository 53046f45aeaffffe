"""match: sequences, stars, mappings, nesting."""
def f(x):
    match x:
        case []: return "empty"
        case [a]: return ("one", a)
        case [1, *rest]: return ("one first", rest)
        case (a, *_, z): return ("ends", a, z)
        case {"k": [x, y], **rest}: return ("map", x, y, rest)
        case {}: return "mapping"
        case _: return "other"
for x in ([], (5,), [1, 2, 3], [2, 3, 4], range(3), {"k": [1, 2], "z": 0}, {"k": 1}, {}, "ab", b"ab", {1, 2}, iter([])):
    print(f(x))
