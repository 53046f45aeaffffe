"""Tuples, ranges and unpacking."""
t = (1, 2, 2); print(t + (3,), t * 2, t.count(2), t.index(2), t[1:], t < (1, 3), hash(t) == hash((1, 2, 2)), (), (1,), tuple("ab"))
r = range(10, 0, -3); print(list(r), len(r), r[1], r[-1], r[1:], 4 in r, 5 in r, r.index(7), r == range(10, -1, -3), hash(range(0)) == hash(range(5, 5)), range(0, 2 ** 70, 2 ** 69)[1], repr(r))
a, *b, c = range(5); (d, e), f = (1, 2), 3; [g, *_] = "xyz"
print(a, b, c, d, e, f, g, *[1, 2], *(3,), {**{"a": 1}}, [*"ab", *range(2)])
x = y = []; x.append(1); print(y)
i = 0; i, l = 1, [0, 0]; l[i], i = 5, 0; print(l, i)
for code in ("a, b = 1", "a, *b = ()", "a, b, *c = 1,", "*a, *b = 1", "*a = 1"):
    try:
        exec(code)
    except Exception as error:
        print(type(error).__name__, error)
