"""Collections of long lists and tuples, whose items the collector meets in all kinds of orders: what is collected, when finalizers
run, and the order in which the survivors stand afterwards."""
import gc
import random
import weakref

gc.disable()
gc.collect()
COUNT = 6000


class Item:
    def __init__(self, number):
        self.number = number
        self.other = None


class Noisy(Item):
    ended = []

    def __del__(self):
        Noisy.ended.append(self.number)


def checksum(numbers):
    total = 0
    for number in numbers:
        total = (total * 1000003 + number + 1) % 2147483647
    return total


def order(items):
    """Tells in which order items stand in the generations."""
    place = {id(item): number for number, item in enumerate(items)}
    numbers = [place[id(item)] for item in gc.get_objects() if id(item) in place]
    return len(numbers), numbers[:3], numbers[-3:], checksum(numbers)


def collect(name, items, times=3):
    for _ in range(times):
        print(name, gc.collect(), gc.get_count(), order(items))


def forward():
    items = [[number] for number in range(COUNT)]
    collect("forward", items)
    items.extend([number] for number in range(COUNT))
    collect("extended", items)
    gc.collect(0)
    items.extend([number] for number in range(100))
    collect("extended again", items)


def backward():
    items = [[number] for number in range(COUNT)]
    items.reverse()
    collect("backward", items)
    items[: COUNT // 2] = reversed(items[: COUNT // 2])
    collect("half of it", items)


def shuffled():
    items = [[number] for number in range(COUNT)]
    random.Random(1).shuffle(items)
    collect("shuffled", items)
    items.sort()
    collect("sorted", items)
    rotated = items[1000:] + items[:1000]
    items.clear()
    collect("rotated", rotated)


def mixed():
    items = []
    for number in range(COUNT):
        items.append([None, number, [number], {number: []}, (number, []), Item([])][number % 6])
    collect("mixed", [item for item in items if item is not None and type(item) is not int])
    same = [[]] * COUNT + [[], []] * COUNT
    collect("the same", same)
    twice = [item for item in ([number] for number in range(COUNT)) for _ in range(2)]
    collect("twice", twice)


def nested():
    items = [[[number], [number], {number: [number]}] for number in range(COUNT)]
    collect("nested", items)
    inner = tuple(item[0] for item in items)
    collect("the inner ones", inner)
    items.clear()
    collect("the inner ones alone", inner)


def two_at_once():
    one, other = [], []
    for number in range(COUNT):
        one.append([number])
        other.append([number])
    collect("one", one)
    collect("other", other)
    both = one + other[::-1]
    one.clear()
    collect("both", both)


def held_late():
    """The list is only held by what was made after its items."""
    items = [[number] for number in range(COUNT)]
    holder = [[items]]
    found = weakref.WeakSet()
    found.add(Item(1))
    del items
    for _ in range(3):
        print("held late", gc.collect(), order(holder[0][0]))


def garbage_between():
    items = []
    for number in range(COUNT):
        items.append([number])
        cycle = [number]
        cycle.append(cycle)
        if number % 1000 == 0:
            noisy = Noisy(number)
            noisy.other = noisy
            items.append(Item(noisy))
            items[-1].other = items
    del cycle, noisy
    collect("garbage between", items)
    items.append(items)
    items.reverse()
    collect("holding itself", items)
    del items
    print("all of it", gc.collect(), Noisy.ended)
    Noisy.ended.clear()


def dead():
    for count in (COUNT, 100):
        items = [Noisy(number) for number in range(count)]
        for one, other in zip(items, items[1:]):
            one.other = other
        items[-1].other = items
        random.Random(2).shuffle(items)
        items = None
        print("dead", gc.collect(), len(Noisy.ended), checksum(Noisy.ended))
        Noisy.ended.clear()


def brought_back():
    saved = []

    class Saved:
        def __del__(self):
            saved.append(self.items)

    items = [[number] for number in range(COUNT)]
    holder = Saved()
    holder.items = items
    items.append(holder)
    del items, holder
    print("brought back", gc.collect(), len(saved[0]), order(saved[0]))
    saved.clear()
    print("brought back once", gc.collect(), len(saved))


def frozen():
    items = [[number] for number in range(COUNT)]
    gc.freeze()
    more = [[item] for item in items]
    collect("over frozen ones", more)
    gc.unfreeze()
    collect("unfrozen", items)


def younger():
    for generation in (0, 1, 2, 1, 0):
        items = [[number] for number in range(COUNT)]
        print("generation", generation, gc.collect(generation), order(items))
        cycle = [items]
        cycle.append(cycle)
        del items, cycle
    print("the rest", gc.collect())


for case in (forward, backward, shuffled, mixed, nested, two_at_once, held_late, garbage_between, dead, brought_back, frozen, younger):
    case()
    print(case.__name__, gc.collect())
