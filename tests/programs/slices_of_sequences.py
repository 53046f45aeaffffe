"""Slices: positions from `indices`, assignment of every kind, extended ones, indices that are no integers."""
for part in (slice(None), slice(2), slice(1, 4), slice(-3, None), slice(None, None, -1), slice(10, -10, -3), slice(None, None, 2), slice(-100, 100), slice(4, 1), slice(True, 10**30, 10**20)):
    print(part, part.indices(6), list(range(6))[part], "abcdef"[part], range(6)[part], bytes(range(6))[part])
for change in ("x[1:3] = 'abc'", "x[1:1] = [9]", "x[5:2] = [9]", "x[::2] = 'xyz'", "x[::-2] = [7, 8, 9]", "x[:] = []", "x[2:] = x", "x[::2] = [1]", "x[::0] = []", "x[1:3] = 5", "x[::2] = 5", "x['a':2] = []", "x[1.0:2]", "x[1.0]", "del x[::3]", "del x[4:1]", "x[0:2] = iter('pq')", "x[-1:] = range(2)", "x[10:20] = [1]", "x[::1] = [1]", "x[None:None:None] = (1,)", "x[3:1:-1] = 'mn'", "x += (n for n in 'ab')", "x *= 0", "x[1:2] *= 2"):
    x = [0, 1, 2, 3, 4]
    try:
        exec(change)
        print(change, x)
    except (ValueError, TypeError) as error:
        print(change, type(error).__name__, error)


class Index:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        print("asked", self.value)
        return self.value


print([1, 2, 3, 4][Index(1):Index(3)], "abc"[Index(-1)], slice(Index(0), Index(9), Index(2)).indices(5))
for wrong in (Index("x"), Index(None), Index(2**70)):
    try:
        print("abc"[wrong:])
    except TypeError as error:
        print(error)
    try:
        print("abc"[wrong])
    except (TypeError, IndexError) as error:
        print(type(error).__name__, error)
print(slice(1, 2) == slice(1, 2), slice(1) < slice(2), slice(1, 2, 3).__reduce__()[1], repr(slice("a", [])))
for attempt in (lambda: hash(slice(1)), lambda: slice(), lambda: slice(1, 2, 3, 4), lambda: slice(stop=1), lambda: slice(1).indices(-1), lambda: slice(1).indices("x"), lambda: slice(1, 2, 0).indices(3), lambda: setattr(slice(1), "start", 2), lambda: slice("a").indices(3), lambda: [1][slice(0, 1, 0)]):
    try:
        print(attempt())
    except (TypeError, ValueError, AttributeError) as error:
        print(type(error).__name__, error)


class Shown:
    def __getitem__(self, key):
        return key


shown = Shown()
print(shown[1:2, ::3, ...], shown[:, 1], shown[()], shown[1,], shown[*(1, 2), 3], shown[:-1:])
