"""Objects die the moment that nobody refers to them; a cycle waits for the collector; the heap tells its figures."""
import gc
import sys


class Node:
    def __init__(self, name):
        self.name = name
        self.other = None

    def __del__(self):
        print(f"  {self.name} dies")


print("One reference less, and an object dies at once:")
node = Node("a lone node")
print("  references to it:", sys.getrefcount(node) - 1)
del node

print("Two nodes that refer to each other outlive their names:")
left, right = Node("left"), Node("right")
left.other, right.other = right, left
del left, right
print("  still alive; the collector looks for them:")
found = gc.collect()
print("  unreachable objects found:", found)

print("The heap:")
before = sys.getallocatedblocks()
burst = [object() for _ in range(100_000)]
print("  100,000 objects take as many blocks:", sys.getallocatedblocks() - before >= 100_000)
del burst
print("  and give them back:", sys.getallocatedblocks() - before < 100)
print("  thresholds of the generations:", gc.get_threshold())
