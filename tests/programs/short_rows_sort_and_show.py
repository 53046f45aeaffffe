# Short rows are sorted in place, plain floats are shown without detours, and iterators lend what they walk over: with the results of the long ways.
import hashlib
import io
import random
import struct

random.seed(7)
nan = float("nan")


def digest(rows):
    return hashlib.md5(repr(rows).encode()).hexdigest()


def shown(row):
    return [(type(item).__name__, item) for item in row]


pools = {
    "small": range(-9, 9),
    "wide": [2**30 - 1, 2**30, -(2**30), 2**31, -(2**40), 0, 1],
    "float": [0.0, -0.0, 1.5, -2.5, 1e300, -1e300, 3.0],
    "nan": [nan, 1.0, 2.0, -1.0, 0.5],
    "text": ["", "a", "ab", "b", "\xe9", "z", "aa"],
    "mixed": [1, 1.0, True, 2, 2.0, False, 0],
    "tuple": [(1, 2), (1, 1), (0, 3), (1.0, 1)],
}
for name, pool in pools.items():
    rows = []
    for length in [*range(15), 40]:
        for _ in range(20):
            row = random.choices(list(pool), k=length)
            rows.append([shown(sorted(row)), shown(sorted(row, reverse=True)), shown(sorted(row, key=lambda item: item))])
    print(name, digest(rows))
for row in ([3, "a", 1], [1, None], [1j, 2j]):
    try:
        row.sort()
    except TypeError as error:
        print(error, row)

values = [0.0, -0.0, 0.5, 2.675, 1e16, 123456789.125, 1e22, 1e-7, -1.5, 5e-324, 1.7976931348623157e308, 9007199254740993.0, nan, float("inf"), -float("inf")]
values += [random.uniform(-1000, 1000) for _ in range(50)] + [struct.unpack("d", random.randbytes(8))[0] for _ in range(50)]
for spec in ("", ".2f", ".0f", "#.0f", "e", ".3E", "g", "#G", ".17g", "%", ".1%", "F", "12.3f", "+.2f", " .2f", "z.1f", ",.2f", "_.1f", "012.2f", "<9.1e", "n", ".30f", "s", ".f", "d"):
    try:
        print(spec, digest([format(value, spec) for value in values]))
    except ValueError as error:
        print(spec, error)
for spec in ("%f", "%.2f", "%.0f", "%#.0f", "%e", "%G", "%#.3g", "%+.1f", "% .1f", "%012.3f", "%-12.3f|", "%.40f", "%s", "%r", "%5s"):
    print(spec, digest([spec % value for value in values]))
print("%.1f %d%% %s é %r" % (1.25, 3, "é", 0.1), "é%.2f" % 3, "%.2f" % True)

for code in "bBhHiIlLqQnN":
    for order in "@=<>":
        if code in "nN" and order != "@":
            continue
        size = struct.calcsize(order + code)
        print(code, order, size, digest([struct.unpack(order + code, bytes(random.randrange(256) for _ in range(size))) for _ in range(20)]))

table = dict.fromkeys(range(8), "x")
del table[3]
print(list(table.items()), [*reversed(table.items())], list(table.values()), [*reversed(table)])
for change in (lambda d: d.pop(0), lambda d: d.update(new=1), lambda d: (d.popitem(), d.update({random.random(): 1}))):
    copy = dict(table)
    try:
        for key, value in copy.items():
            change(copy)
        print("ended")
    except RuntimeError as error:
        print(error)
pairs = iter(table.items())
kept = [next(pairs), next(pairs)]
print(kept, kept[0] is not kept[1], next(pairs))

text = io.TextIOWrapper(io.BytesIO("eins\nzwei\r\ndrei\rvier\u00e9\n\nend".encode()), encoding="utf-8")
print(list(text), text.readline())
text.seek(0)
print(text.readline(2), text.readline(3), text.readline(-1), text.readline(100), text.readline(0), text.read())
own = [1, 2, 3]
own.extend(own)
own += tuple(own)
print(own, b"\xc3\xa9a".decode(), b"a\xff".decode("ascii", "replace"), b"".decode(), b"abc".decode("latin-1"))
