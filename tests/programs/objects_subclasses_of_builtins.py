"""Subclasses of built-in types: which results are of the subclass, attributes, pickles, and hooks that are or are not called."""
import copy
import pickle


class Int(int):
    def __add__(self, other):
        return Int(int(self) + other)

    def __index__(self):
        return 100

    def __int__(self):
        return 200


class Str(str):
    def __len__(self):
        return 99

    def __str__(self):
        return "shown"

    def __format__(self, spec):
        return "formatted"


class List(list):
    def __getitem__(self, index):
        return "got"

    def __iter__(self):
        return iter(["own"])

    def append(self, item):
        print("append", item)


class Dict(dict):
    def __getitem__(self, key):
        return "got"

    def __setitem__(self, key, value):
        print("set", key)

    def keys(self):
        return ["k"]


class Float(float):
    def __float__(self):
        return 1.25


class Bytes(bytes):
    pass


class Tuple(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)


class Set(set):
    def __contains__(self, item):
        return True


print(type(Int(1) + 1).__name__, type(Int(1) - 1).__name__, [0] * 3 if False else range(3)[Int(1)], int(Int(5)), "%d" % Int(5), f"{Int(5)}", Int(5).real, type(-Int(5)).__name__, type(+Int(5)).__name__, type(abs(Int(5))).__name__, type(round(Int(5))).__name__)
print(len(Str("abc")), str(Str("abc")), f"{Str('abc')}", "%s" % Str("abc"), "".join([Str("abc")]), Str("abc") + "d", type(Str("abc").upper()).__name__, type(Str("abc")[:]).__name__, "x".join(Str("ab")), repr(Str("abc")), "abc" in {Str("abc"): 1}, type(Str("a").strip()).__name__, type(str(Str("a"))).__name__)
print(List([1])[0], list(List([1])), [*List([1])], sorted(List([2, 1])), len(List([1])), (lambda *a: a)(*List([1])), List([1]) + [2], type(List([1])[:]).__name__, type(List([1]) * 2).__name__, type(copy.copy(List([1]))).__name__, sum(List([5])) if False else "".join(List(["a"])))
data = Dict(a=1)
data["b"] = 2
data.update(c=3)
print(data["a"], data.get("a"), dict(data), {**data}, list(data), "%(a)s" % data, "{a}".format(**data), "{0[a]}".format(data), sorted(data.items()), type(data.copy()).__name__, type(data | {}).__name__)
print(float(Float(5.0)), Float(5.0) + 0, "%f" % Float(5.0), round(Float(5.5)), type(Float(5) * 1).__name__, Float.fromhex("0x1p1"), type(Float.fromhex("0x1p1")).__name__)
print(type(Bytes(b"a") + b"b").__name__, type(Bytes.fromhex("61")).__name__, type(Bytes(b"ab")[0:1]).__name__, Bytes(b"a") == b"a", bytes(Bytes(b"a")), type(bytes(Bytes(b"a"))).__name__)
print(Tuple(1, 2), type(Tuple(1) + (2,)).__name__, type(Tuple(1)[:]).__name__, hash(Tuple(1)) == hash((1,)), {Tuple(1): 1}[(1,)], tuple(Tuple(1)) is not Tuple(1))
print(5 in Set(), Set([1]) <= {1}, type(Set([1]) | {2}).__name__, type(Set([1]).copy()).__name__, type({1} | Set([2])).__name__, type(frozenset(Set([1]))).__name__)
for value in (Int(1), Str("a"), List([1]), Dict(a=1), Float(1.5), Bytes(b"x"), Tuple(1, 2), Set([1])):
    value.attribute = "kept"
    for protocol in (0, 2, 5):
        try:
            back = pickle.loads(pickle.dumps(value, protocol))
            print(type(back).__name__, back.attribute, back.__reduce_ex__(2)[0].__name__, end="; ")
        except Exception as error:
            print(type(error).__name__, error, end="; ")
    print()
try:
    class Bool(bool):
        pass
except TypeError as error:
    print(error)
for base in (type(None), type(...), range, slice, memoryview, type(len), type(lambda: 0), type(iter([])), type({}.keys()), type(NotImplemented)):
    try:
        type("Sub", (base,), {})
        print(base.__name__, "may be subclassed")
    except TypeError as error:
        print(error)
