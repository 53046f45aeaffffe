# Lists: growth as sys.getsizeof shows it, slices, methods, sorting, errors.
import sys


def show(function, *args):
    try:
        print(function(*args))
    except Exception as error:
        print(type(error).__name__, error)


sizes = []
grown = []
for number in range(200):
    grown.append(number)
    sizes.append(sys.getsizeof(grown))
while grown:
    grown.pop()
    sizes.append(sys.getsizeof(grown))
print(sizes)
print([sys.getsizeof(list(range(n))) for n in range(20)])
print([sys.getsizeof([0] * n) for n in range(20)])
print([sys.getsizeof([x for x in range(n)]) for n in range(20)])
print([sys.getsizeof(list(tuple(range(n)))) for n in range(20)])
print([sys.getsizeof(list(x for x in range(n))) for n in range(20)])
extended = [1, 2, 3]
for n in range(12):
    extended.extend(range(n))
    print(sys.getsizeof(extended), end=" ")
    extended += tuple(range(n))
    print(sys.getsizeof(extended), end=" ")
    extended.insert(n, n)
    print(sys.getsizeof(extended), end=" ")
    del extended[: n // 2]
    print(sys.getsizeof(extended))
print(sys.getsizeof([1, 2, 3][1:]), sys.getsizeof([1] + [2, 3]), sys.getsizeof([1, 2, 3].copy()))

items = list(range(10))
for piece in (slice(None), slice(2, 5), slice(None, None, -1), slice(8, 2, -2), slice(-3, None), slice(20, 30), slice(5, 2)):
    print(piece, items[piece])
    changed = items.copy()
    del changed[piece]
    print(changed)
    changed = items.copy()
    changed[piece] = ["x"] * len(items[piece])
    print(changed)
items[2:5] = "abcdef"
print(items)
items[3:3] = items
print(items)
items[::2] = range(len(items[::2]))
print(items)
items *= 2
print(len(items), items[-3:])
nested = [1]
nested.append(nested)
nested.append((nested, [nested]))
print(nested)
print([1, 2] < [1, 3], [1] < [1, 0], [1, 2] == [1, 2.0], [] == (), [3] >= [2, 9], [1] != [1])

show(lambda: [][0])
show(lambda: [1].__getitem__("a"))
show(lambda: [1, 2].index(3))
show(lambda: [1, 2, 1, 2].index(2, 2))
show(lambda: [1, 2].remove(3))
show(lambda: [].pop())
show(lambda: [1].pop(3))
show(lambda: [1] + (2,))
show(lambda: [1] * "a")
show(lambda: list(1))
show(lambda: list(a=1))
show(lambda: [1].insert(2))
show(lambda: [3, "a"].sort())
show(lambda: hash([]))


def assign(target, key, value):
    target[key] = value


show(assign, [1, 2, 3], slice(0, 3, 2), [1])
show(assign, [1, 2, 3], slice(0, 2), 5)
show(assign, [1, 2, 3], 7, 5)
show(assign, [1, 2, 3], "x", 5)

state = 12345


def random(below):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state >> 8) % below


class Counted:
    comparisons = 0

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        Counted.comparisons += 1
        return self.value < other.value


for length in (2, 10, 33, 64, 65, 300, 1000):
    for kind in range(4):
        values = [random(length) if kind == 0 else random(3) if kind == 1 else i if kind == 2 else (i * 7919) % length for i in range(length)]
        Counted.comparisons = 0
        ordered = sorted(map(Counted, values))
        print(length, kind, Counted.comparisons, [c.value for c in ordered] == sorted(values))
print(sorted(["b", "a", "C", "ab", ""]), sorted([2.5, -1.0, 3.0, 0.0]), sorted([10**20, 5, -3]), sorted([(1, "b"), (1, "a"), (0, "z")]))
print(sorted("hello world", key=lambda c: -ord(c), reverse=True))
print(sorted([3, 1, 2], reverse=True), sorted([1, 2.5, True, 0]))


def shrinking(item):
    victims.append(item)
    return item


victims = [3, 1, 2]
show(lambda: victims.sort(key=shrinking))
print(victims)


class Bad:
    def __lt__(self, other):
        raise ValueError("no order")


show(lambda: sorted([Bad(), Bad()]))
iterator = iter([1, 2, 3])
next(iterator)
print(iterator.__length_hint__(), iterator.__reduce__()[1:], list(reversed([1, 2, 3])), reversed([1, 2]).__length_hint__())
