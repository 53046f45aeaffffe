"""Callbacks that take their own weak reference out of where it was kept, and return it; others that return what they were given."""
import functools
import gc
import sys
import weakref


class Node:
    def __repr__(self):
        return "node"


kept = {}


def watch(node, number):
    kept[number] = weakref.ref(node, lambda ref, pop=kept.pop: pop(number))


first, second = Node(), Node()
watch(first, 1)
watch(second, 2)
watch(second, 3)
del first
print(sorted(kept))
del second
print(sorted(kept))


class Keeper:
    def __init__(self):
        self.references = []

    def gone(self, reference):
        print(self.references.index(reference), sys.getrefcount(reference))
        return self.references.pop()


keeper = Keeper()
for _ in range(2):
    node = Node()
    keeper.references.append(weakref.ref(node, keeper.gone))
    del node
    print(len(keeper.references))

both = Node()
one = weakref.ref(both, lambda reference: reference)
other = weakref.ref(both, functools.partial(lambda word, reference: reference, "word"))
del both
print(one(), other())

print(functools.reduce(lambda left, right: right, [[1], [2], [3]]))
print(sorted([[2], [1]], key=lambda row: row), max([[1], [2]], key=lambda row: row))
print(list(map(lambda row: row, [[1], [2]])), list(filter(lambda row: row, [[1], []])))
print(sorted([3, 1, 2], key=functools.cmp_to_key(lambda left, right: left - right)))
gc.callbacks.append(lambda phase, info: info)
gc.collect()
gc.callbacks.pop()
