"""Dictionaries that change while something walks through them, keys that misbehave, order after deletions."""
def walk(change):
    data = {"a": 1, "b": 2, "c": 3}
    seen = []
    try:
        for key in data:
            seen.append(key)
            change(data, key)
    except RuntimeError as error:
        return seen, str(error), data
    return seen, data


print(walk(lambda data, key: data.pop(key)))
print(walk(lambda data, key: data.update(z=1)))
print(walk(lambda data, key: data.update({key: 0})))
print(walk(lambda data, key: (data.pop(key), data.update({key: 9})) if key == "a" else None))
print(walk(lambda data, key: data.clear()))
for view in ("items", "values", "keys"):
    data = {1: 2, 3: 4}
    iterator = iter(getattr(data, view)())
    next(iterator)
    data[5] = 6
    for _ in range(2):
        try:
            print(next(iterator))
        except RuntimeError as error:
            print(error)
    try:
        print(list(iterator))
    except RuntimeError as error:
        print("still:", error)
    print(iterator.__length_hint__())
backward = reversed({1: "a", 2: "b"})
print(next(backward), list(backward), list(reversed({"x": 1, "y": 2}.items())))


class Key:
    def __init__(self, number, on_equal=None):
        self.number, self.on_equal = number, on_equal

    def __hash__(self):
        return 1

    def __eq__(self, other):
        if self.on_equal:
            self.on_equal()
        return self.number == other.number

    def __repr__(self):
        return f"K{self.number}"


data = {Key(1): "one", Key(2): "two"}
print(data[Key(2)], data.get(Key(3)), Key(1) in data, data.pop(Key(1)), data)


def fail():
    raise ValueError("in __eq__")


for use in (lambda: data[Key(5, fail)], lambda: data.setdefault(Key(5, fail), 1), lambda: Key(5, fail) in data, lambda: data.pop(Key(5, fail), None), lambda: data.update({Key(5, fail): 1})):
    try:
        print(use())
    except (ValueError, KeyError) as error:
        print(type(error).__name__, error)
clearing = {}
clearing[Key(7)] = 7
print(clearing.get(Key(7, clearing.clear), "gone"), clearing)
order = {number: None for number in range(5)}
del order[0], order[3]
order[0] = "again"
order[9] = order.pop(2)
print(order, order.popitem(), list(order), order.setdefault(4, 5))
print({1: "a", True: "b", 1.0: "c"}, dict([(1, 2)], one=1), dict({"x": 1}, x=2), {**{"a": 1}, "b": 2, **{"a": 3}})
for bad in (lambda: {[]: 1}, lambda: {{}: 1}, lambda: dict([1]), lambda: dict(["abc"]), lambda: dict([(1, 2, 3)]), lambda: dict(5), lambda: dict(1, 2), lambda: {}.popitem(), lambda: {}["k"], lambda: {}.pop("k"), lambda: {}.update(5), lambda: {}.update([1]), lambda: {} | [], lambda: {}.fromkeys(5), lambda: {}.pop(), lambda: {} < {}, lambda: {1: 2}.keys() < 5, lambda: hash({}), lambda: {}.get(), lambda: dict.fromkeys()):
    try:
        print(bad())
    except (TypeError, ValueError, KeyError) as error:
        print(type(error).__name__, error)
left = {"a": 1}
left |= [("b", 2)]
print(left | {"a": 5}, left.keys() & {"a", "z"}, sorted(left.keys() | "q"), left.items() - {("a", 1)}, left.keys().isdisjoint("xyz"), left.values().mapping["a"])


class Missing(dict):
    def __missing__(self, key):
        return f"no {key}"


print(Missing()["x"], Missing().get("x"), "%(k)s" % Missing(), "{m[z]}".format(m=Missing()))
