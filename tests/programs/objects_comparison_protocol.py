"""Comparisons: reflected methods, subclasses first, NotImplemented, identity in containers, chained operators, results that are no booleans."""
log = []


class Base:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


def method(operator):
    def compare(self, other):
        log.append(f"{type(self).__name__}.{operator}")
        return NotImplemented
    return compare


for operator in ("lt", "le", "eq", "ne", "gt", "ge"):
    setattr(Base, f"__{operator}__", method(operator))


class Derived(Base):
    __lt__, __gt__, __eq__ = (method(operator) for operator in ("lt", "gt", "eq"))


left, right = Base("left"), Derived("right")
for source in ("left < right", "left <= right", "left == right", "left != right", "right > left", "left > 5", "5 >= left", "left == left", "left in [right]", "left in [left]", "left < right < left"):
    del log[:]
    try:
        print(source, eval(source), log)
    except TypeError as error:
        print(source, error, log)


class Loud:
    def __init__(self, answer):
        self.answer = answer

    def __eq__(self, other):
        return self.answer

    def __bool__(self):
        raise ValueError("no truth")


print(Loud([]) == 1, Loud("yes") == 1, [Loud("")] == [1], [Loud("x")] == [1], (Loud(0), 1) != (2, 1))
for source in ("[Loud(Loud(1))] == [1]", "1 in [Loud(Loud(1))]", "not Loud(1)", "Loud(1) and 1", "1 < Loud(1)", "bool(Loud(1))", "1 == 2 == Loud(1)", "[1 for _ in [1] if Loud(1)]"):
    try:
        print(source, eval(source))
    except (ValueError, TypeError) as error:
        print(source, type(error).__name__, error)
nan = float("nan")
print(nan == nan, [nan] == [nan], nan in [nan], [nan].index(nan), [nan].count(nan), {nan: 1} == {nan: 1}, (nan,) < (nan, 1), [float("nan")] == [nan])
print([1, 2] < [1, 3], [1, 2] < [1, 2, 0], (1,) < (), [] < [0], "a" < "b" <= "b" != "c", b"a" < b"ab", bytearray(b"a") == b"a", {1} < {1, 2}, {1} <= {2}, {1: 2} == {1.0: 2.0}, range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2))
for source in ("[] < ()", "{} < {}", "1j < 2j", "None < None", "object() < object()", "'a' < b'a'", "1 < 'a'", "print < len", "int < str", "{1} < [1]", "slice(1) < 5", "type < type"):
    try:
        print(source, eval(source))
    except TypeError as error:
        print(source, error)
print(1 < 3 > 2 == 2.0 != 1 in [1] is not None, 1 == True == 1.0, (1 < 2) < 2, 1 < (2 < 2))


class Truthy:
    def __len__(self):
        return self.size


for size in (0, 3, -1, "x", 2**70, 1.0):
    item = Truthy()
    item.size = size
    try:
        print(size, bool(item), end=" ")
    except (ValueError, TypeError, OverflowError) as error:
        print(size, type(error).__name__, error, end=" ")
print()


class BoolWrong:
    def __bool__(self):
        return 1


try:
    bool(BoolWrong())
except TypeError as error:
    print(error)


class HashNone:
    def __eq__(self, other):
        return True


class Unhashable:
    __hash__ = None


for wrong in (HashNone, Unhashable):
    try:
        hash(wrong())
    except TypeError as error:
        print(error)
