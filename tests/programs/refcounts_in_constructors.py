"""What `__init__` sees of its instance and its arguments, and when they die: the call holds them in a tuple until it is over."""
import sys

count = sys.getrefcount


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("freed", self.name)


class Taker:
    def __init__(self, first, second=1.5, *others, named=2.5):
        print(count(self), count(first), count(second), count(named), len(others), [count(other) for other in others])
        first = second = None
        print("inside")


print("positional")
Taker(Loud(1))
Taker(Loud(1), Loud(2))
Taker(Loud(1), Loud(2), Loud(3))
print("by name")
Taker(first=Loud(1))
Taker(Loud(1), named=Loud(2))
Taker(second=Loud(1), first=Loud(2))
print("unpacked")
Taker(*[Loud(1)])
Taker(**{"first": Loud(1)})
kept = Loud("kept")
print("kept")
taker = Taker(kept)
Taker(kept, kept, named=kept)
print(count(kept), count(taker), count(Taker))


class Derived(Taker):
    def __init__(self, first):
        print(count(first))
        super().__init__(first)
        print(count(first))


print("derived")
Derived(Loud("derived"))
Derived(kept)
print(count(kept))


class Raising:
    def __init__(self, value):
        del value
        print("inside")
        raise ValueError("no")

    def __del__(self):
        print("freed a Raising")


class Returning:
    def __init__(self, value):
        return 5

    def __del__(self):
        print("freed a Returning")


class Generating:
    def __init__(self, value):
        yield 1

    def __del__(self):
        print("freed a Generating")


class Narrow:
    def __init__(self, first, second):
        pass

    def __del__(self):
        print("freed a Narrow")


print("failures")
for call in (
    lambda: Raising(Loud("argument")),
    lambda: Raising(value=Loud("argument")),
    lambda: Returning(Loud("argument")),
    lambda: Generating(Loud("argument")),
    lambda: Narrow(Loud("argument")),
    lambda: Narrow(Loud(1), Loud(2), Loud(3)),
    lambda: Narrow(Loud(1), third=Loud(2)),
):
    try:
        call()
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


class Recursive:
    def __init__(self, value):
        self.next = Recursive(value)


try:
    Recursive(kept)
except RecursionError as error:
    print(type(error).__name__)
print(count(kept))


def generate():
    yield Taker(Loud("in a generator"))
    yield (Taker(kept, kept), Taker(kept))


for _ in generate():
    pass
del _


class Many:
    def __init__(self, *values):
        print(len(values), count(values[0]))


Many(kept, kept)
exec("Many(" + "kept, " * 300 + ")")
Many(*[kept] * 300)


def refuse(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "__init__":
        raise KeyError("traced")


sys.settrace(refuse)
try:
    Taker(kept)
except KeyError as error:
    print("refused", error)
sys.settrace(None)
print(count(kept))
