"""Dictionaries that are written out: their order, sizes and tracking, with keys that are equal, that are no strings, or that are many."""
import gc
import sys


class Text(str):
    pass


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name)


def show(dictionary):
    print(dictionary, list(dictionary), sys.getsizeof(dictionary), gc.is_tracked(dictionary))


a, b, one = "a", "b", 1
show({a: 1})
show({a: 1, b: 2})
show({b: 1, a: 2, "c": 3, "d": 4, "e": 5})
show({b: 1, a: 2, "c": 3, "d": 4, "e": 5, "f": 6})
show({a: 1, a: 2})
show({a: 1, b: 2, "a": 3, "b": 4})
show({"key": one, "other": one})
show({a: []})
show({a: (), b: ((),)})
show({a: 1, one: 2})
show({Text("a"): 1})
show({Text("a"): 1, "a": 2})
show({one: 1, 1.0: 2, True: 3})
show({a: Ellipsis, b: None})
show({})
made = {a: 1, b: 2}
made["c"] = 3
made["d"] = made["e"] = made["f"] = 4
del made["a"]
made[a] = 5
show(made)
names = [chr(number) + "x" for number in range(40, 60)]
for first in names:
    for second in names:
        pair = {first: 1, second: 2}
        assert pair[second] == 2 and len(pair) == (1 if first == second else 2), (first, second)
        assert pair[first] == (2 if first == second else 1)
{a: Loud(1), a: Loud(2), b: Loud(3)}
print(sys.getrefcount(one) - sys.getrefcount(one))
key, value = "".join(["k", "ey"]), object()
before = sys.getrefcount(key), sys.getrefcount(value)
kept = {key: value}
print(sys.getrefcount(key) - before[0], sys.getrefcount(value) - before[1])
kept = {key: value, key: value}
print(sys.getrefcount(key) - before[0], sys.getrefcount(value) - before[1])
del kept
print(sys.getrefcount(key) - before[0], sys.getrefcount(value) - before[1])
holder = {"self": None}
holder["self"] = holder
print(gc.is_tracked(holder))
