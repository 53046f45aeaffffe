"""Sorting while keys and comparisons misbehave: the list is empty meanwhile, a change is noticed, an error leaves all items."""
import functools

items = [3, 1, 2]


def look(value):
    print("inside:", items)
    return value


items.sort(key=look)
print(items)


class Changing(int):
    def __lt__(self, other):
        changed.append(99)
        return int(self) < int(other)


changed = [Changing(3), Changing(1)]
try:
    changed.sort()
except ValueError as error:
    print(error, changed)


class Failing:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        if self.value == 2 or other.value == 2:
            raise RuntimeError("two")
        return self.value < other.value

    def __repr__(self):
        return str(self.value)


failing = [Failing(value) for value in (5, 4, 3, 2, 1)]
try:
    failing.sort()
except RuntimeError as error:
    print(error, sorted(map(repr, failing)))
print(sorted([3, "a"], key=str), sorted([0.0, -0.0, 0]), sorted([float("nan"), 1.0]), sorted([True, 0, 2]))
for bad in ([1, "a"], [None, 1], [1j, 2], [{}, {}], [(1, "a"), (1, 2)], [[1], (2,)]):
    try:
        print(sorted(bad))
    except TypeError as error:
        print(error)
for arguments, keywords in ((([1],), {"cmp": 1}), (([1], None), {}), ((), {}), ((5,), {}), (([2, 1],), {"key": 5}), (([2, 1],), {"reverse": "yes"}), (([2, 1],), {"reverse": None}), (([1, 2],), {"key": len})):
    try:
        print(sorted(*arguments, **keywords))
    except TypeError as error:
        print(error)


class Truth:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return [] if self.value > other.value else [1]


print([item.value for item in sorted([Truth(2), Truth(1), Truth(3)])])


class NotImplementedKey:
    def __lt__(self, other):
        return NotImplemented

    def __gt__(self, other):
        print("reflected")
        return False


print(len(sorted([NotImplementedKey(), NotImplementedKey()])))
order = []


class Logged(int):
    def __lt__(self, other):
        order.append((int(self), int(other)))
        return int(self) < int(other)


sorted(map(Logged, (4, 1, 3, 2, 5)))
print(order)
print(sorted("banana", reverse=True), sorted([("b", 1), ("a", 2), ("b", 0)], key=lambda pair: pair[0], reverse=True))
print(sorted([1, 3, 2], key=functools.cmp_to_key(lambda left, right: right - left)))
rising = list(range(1000))
print(sorted(rising) == rising, sorted(rising[::-1]) == rising, sorted(rising * 2, key=lambda value: -value)[:4])
