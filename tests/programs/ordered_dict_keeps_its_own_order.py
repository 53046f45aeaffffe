"""The order of an OrderedDict is a list beside the table: both ends, changes under way, methods of dict past it."""
import sys
from collections import OrderedDict

od = OrderedDict((letter, number) for number, letter in enumerate("abcde"))
od.move_to_end("a")
od.move_to_end("d", last=False)
print(list(od), list(reversed(od)), dict(od))
print(od.popitem(), od.popitem(last=False), od.pop("c"), list(od.items()))

for change in (lambda: od.move_to_end("b"), lambda: od.__setitem__("z", 1), lambda: od.__delitem__("z")):
    try:
        for key in od:
            change()
    except RuntimeError as error:
        print(error)

od = OrderedDict(spam=1, ham=2)
dict.__delitem__(od, "spam")
for look in (lambda: list(od.values()), lambda: repr(od), lambda: list(od.items()), od.copy):
    try:
        print(look())
    except KeyError as error:
        print("KeyError", error)
od = OrderedDict(spam=1)
dict.update(od, eggs=3)
print(repr(od), len(od))


class Odd:
    """A key whose hash changes."""

    hashes = iter(range(100))

    def __hash__(self):
        return next(Odd.hashes)


od = OrderedDict()
for number in range(5):
    od[Odd()] = number
try:
    list(od.values())
except KeyError:
    print("lost", len(od))

od = OrderedDict()
empty = sys.getsizeof(od)
od.update((number, number) for number in range(3))
three = sys.getsizeof(od)
od.update((number, number) for number in range(3, 10))
print(empty, three, sys.getsizeof(od))

big = OrderedDict((number, None) for number in range(50_000))
for number in range(0, 50_000, 2):
    big.move_to_end(number, last=number % 4 == 0)
print(next(iter(big)), next(reversed(big)), len(big))
while len(big) > 10:
    big.popitem(last=len(big) % 2 == 0)
print(list(big))
