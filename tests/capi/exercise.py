"""Calls the extension `exercise`, whose folder is the first argument, and prints what it gives."""
import gc
import importlib.machinery
import importlib.util
import operator
import sys
import threading
import time
import weakref

sys.path.insert(0, sys.argv[1])
import exercise
from exercise import Block, Cell


def attempt(function, *args, **kwargs):
    try:
        print(function.__name__, function(*args, **kwargs))
    except BaseException as error:
        print(function.__name__, type(error).__name__, error, sep=": ")


print(exercise.__name__, exercise.__doc__, exercise.answer, exercise.name, exercise.Error.__mro__, exercise.Error.__doc__)
print(exercise.Point, exercise.origin, exercise.origin.hidden, exercise.Point((5, 6, 7)).hidden, len(exercise.origin))

cell = Cell(3, payload=[1])
print(cell, cell + 4, cell.double(), cell.square, cell.value, Cell.__doc__, Cell.__text_signature__, Cell.double.__doc__)
print(Cell.__module__, Cell.__name__, Cell.__basicsize__, Cell.__flags__ & 0x4600)
cell.square = 9
cell.extra = "kept"
print(cell.value, cell.__dict__, cell.sum(1, 2), Cell.sum(cell, 4))
attempt(lambda: cell + "x")
attempt(delattr, cell, "square")
attempt(setattr, cell, "payload", 1)
attempt(Cell, "no")
attempt(Cell, 1, 2, 3)
attempt(Cell, wrong=1)
died = []
reference = weakref.ref(cell, lambda _: died.append("cell"))
del cell
print(died, reference())


class Derived(Cell):
    """A class made of a type of C."""

    def __repr__(self):
        return "Derived" + super().__repr__()

    def __del__(self):
        died.append("derived")


thing = Derived(8)
thing.me = thing
print(thing, thing + 1, Derived.__dictoffset__ > 0, gc.is_tracked(thing))
del thing
gc.collect()
print(died)

block = Block(b"bytes")
view = memoryview(block)
view[0] = 66
print(len(block), block[0], block[-1], list(block), bytes(block), block.exports, view.format, block < Block(b"longer"), block == 1)
view.release()
print(block.exports, 66 in block)
attempt(lambda: block[9])
attempt(Block)
for function in (operator.add, operator.iadd, operator.concat, operator.iconcat, operator.mul, operator.imul):
    for operands in ((block, block), (block, 3), (3, block), ([1], block)):
        attempt(function, *operands)
attempt(hash, block)


class SubBlock(Block):
    pass


sub = SubBlock(b"xy")
sub.attribute = 1
print(bytes(sub), sub.attribute, sys.getrefcount(Block) > 0)

good = ("text", b"a\0b", [1], 2, None, [], (3, 4), 5)
attempt(exercise.parse, *good)
for index, wrong in [(0, 1), (0, "a\0b"), (1, "x"), (3, "x"), (5, ()), (6, (1,)), (6, 7), (7, 256), (7, -1), (7, 1.5)]:
    attempt(exercise.parse, *good[:index], wrong, *good[index + 1 :])
attempt(exercise.parse)
attempt(exercise.parse, *good, 1)
attempt(exercise.named, 1)
attempt(exercise.named, 1, 5, third=6, only=7)
attempt(exercise.named)
attempt(exercise.named, 1, 2, 3, 4)
attempt(exercise.named, 1, second=2, wrong=3)
attempt(exercise.named, 1, 2, second=2)
for text in ("plain text here", "caf\xe9 \u20ac", "\U0001f40d snake"):
    attempt(exercise.texts, text)
class Slotted(exercise.Bag):
    __slots__ = ()


class Members(dict):
    __slots__ = ("second", "first", "übrig")


class Meta(type):
    pass


counts = sys.getrefcount(Slotted)
bags = [Slotted([number]) for number in range(300)]
print(sys.getrefcount(Slotted) - counts, sorted(bags.pop()), exercise.Bag("aa"))
del bags[::2], bags
gc.collect()
print(sys.getrefcount(Slotted) - counts, exercise.slots_of(Members), exercise.slots_of(Slotted), exercise.slots_of(int), exercise.slots_of(Cell)[-1])
for left, right in ((1 + 2j, 3 - 1j), (1j, 0j), (0j, -1 + 0j), (1e300 + 1e300j, 2 + 0j), (1e308 + 1.6e308j, 1 + 0j)):
    attempt(exercise.complexes, left, right)
called = []


def until_called(count):
    """Waits until so many calls were made, or for a while: CPython looks for them when the lock was given up."""
    for _ in range(100):
        time.sleep(0.001)
        if len(called) >= count:
            break


attempt(exercise.pend, lambda: called.append(threading.current_thread().name), 2)
until_called(2)
print(called)
attempt(exercise.pend, lambda: called.append(1), 40)
until_called(33)
print(len(called))
try:
    exercise.pend(lambda: 1 / 0, 1)
    until_called(50)
except ZeroDivisionError as error:
    print(error)
attempt(exercise.metaclass, type, (int, Meta("Of", (), {})))
attempt(exercise.metaclass, Meta, (int,))
attempt(exercise.metaclass, Meta, (type("Other", (type,), {})("Of", (), {}),))
attempt(exercise.texts, "\ud800")
attempt(exercise.texts, 1)
attempt(exercise.formats, "\xfc")
for text in ("1.5", "1_000", "-2e3x", "infinity_", "_1", "nan", " 1", ""):
    attempt(exercise.decimal, text)
for number in (0, -1, 2**62, -(2**63), 2**63, 2**95, -(10**40), True):
    attempt(exercise.integers, number)
attempt(exercise.containers)
attempt(exercise.protocols, 7, 2)
attempt(exercise.protocols, [1, 2], 1)
attempt(exercise.protocols, "ab", 2)
attempt(exercise.protocols, {1: 2}, 1)
attempt(exercise.protocols, 1, 0)
attempt(exercise.call, lambda *args, **kwargs: (args, kwargs))
attempt(exercise.call, 5)
for which in range(9):
    attempt(exercise.errors, which)
attempt(exercise.iterate, range(5))
attempt(exercise.iterate, 5)
attempt(exercise.iterate, (1 / (2 - n) for n in range(5)))
capsule = exercise.capsule()
print(exercise.open_capsule(capsule), type(capsule))
attempt(exercise.open_capsule, 5)
del capsule
attempt(exercise.lock, lambda: "with the lock")
attempt(exercise.run, "a = 1\nb = a + 1")
attempt(exercise.run, "a = 1 +")
print(exercise.double if hasattr(exercise, "double") else "no double", exercise.parse, exercise.parse.__self__ is exercise)


def load(name):
    path = exercise.__file__
    spec = importlib.util.spec_from_file_location(name, path, loader=importlib.machinery.ExtensionFileLoader(name, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


single = load("single")
print(single.__name__, single.one, sys.modules["single"] is single, load("single").one)
for name in ("failing", "silent", "absent"):
    attempt(load, name)
