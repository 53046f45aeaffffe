"""Up to 512 bytes come from pools, more from the system: only the first are counted by sys.getallocatedblocks()."""
import sys


def blocks_of(make):
    make()
    before = sys.getallocatedblocks()
    kept = make()
    return sys.getallocatedblocks() - before, len(kept)


print(blocks_of(lambda: bytes(512 - 33)))
print(blocks_of(lambda: bytes(512 - 32)))
print(blocks_of(lambda: bytes(100_000)))
small_list = [1, 2, 3]
large_list = [i for i in range(100_000)]
print(sys.getsizeof(small_list) <= 512, sys.getsizeof(large_list) > 512, len(large_list))


def burst():
    objects = [object() for _ in range(100_000)]
    at_most = sys.getallocatedblocks()
    del objects
    return at_most - sys.getallocatedblocks()


print(burst() >= 100_000)
# A block that was freed is the next one of its size to be handed out: names of dead objects are given again.
print(id(object()) == id(object()))
