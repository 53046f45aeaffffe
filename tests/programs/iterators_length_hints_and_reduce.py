"""Iterators tell how much is left, may be pickled and copied, and stay exhausted once they are."""
import copy
import itertools
import operator
import pickle

for iterator in (iter([1, 2, 3]), iter((1, 2)), iter("ab"), iter(b"ab"), iter(range(5)), iter(range(10**20)), reversed([1, 2]), iter({1: 2}), iter({1, 2}), iter({}.items()), enumerate("ab"), zip("ab", "cd"), map(str, [1]), itertools.repeat("x", 3), itertools.count(2, 3), itertools.chain("a", "b"), iter(bytearray(b"xy")), iter(memoryview(b"ab"))):
    try:
        print(type(iterator).__name__, operator.length_hint(iterator, -1), next(iterator), operator.length_hint(iterator, -1), end=" ")
    except (StopIteration, OverflowError) as error:
        print(type(error).__name__, error, end=" ")
    try:
        copied = copy.copy(iterator)
        print(list(itertools.islice(copied, 3)), list(itertools.islice(pickle.loads(pickle.dumps(iterator)), 2)))
    except TypeError as error:
        print(error)


class Growing:
    def __init__(self):
        self.items = [1]

    def __getitem__(self, index):
        return self.items[index]

    def __len__(self):
        return len(self.items)


growing = Growing()
iterator = iter(growing)
print(next(iterator), list(iterator))
growing.items.append(2)
print(list(iterator))
items = [1]
iterator = iter(items)
print(list(iterator))
items.append(2)
print(list(iterator), operator.length_hint(iterator))
for hint in (5, -1, "x", 10**30, NotImplemented, 1.5):
    class Hinted:
        def __iter__(self):
            return self

        def __next__(self):
            raise StopIteration

        def __length_hint__(self):
            return hint

    try:
        print(operator.length_hint(Hinted(), 7), list(Hinted()))
    except (TypeError, ValueError, OverflowError, MemoryError) as error:
        print(type(error).__name__, error)
calls = iter([3, 2, 1, 0, 5])
print(list(iter(lambda: next(calls), 0)), next(calls))


def stops():
    raise StopIteration("early")


print(list(iter(stops, None)))


class OnlyNext:
    def __next__(self):
        return 1


for wrong in (lambda: iter(OnlyNext()), lambda: next(Growing()), lambda: iter(None), lambda: list(iter(5, 5))):
    try:
        wrong()
    except TypeError as error:
        print(error)


class NotIterator:
    def __iter__(self):
        return 5


class Blocked:
    __iter__ = None

    def __getitem__(self, index):
        return index


class NoContains:
    __contains__ = None

    def __iter__(self):
        return iter([1])


for wrong in (lambda: iter(NotIterator()), lambda: list(Blocked()), lambda: 1 in Blocked(), lambda: 1 in NoContains(), lambda: 1 in 5, lambda: [*NotIterator()]):
    try:
        print(wrong())
    except TypeError as error:
        print(error)
