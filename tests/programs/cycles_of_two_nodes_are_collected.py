"""Two nodes that refer to each other outlive their names, until a collection."""
import gc
import sys


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None


gc.collect()
node1 = Node(1)
node2 = Node(2)
node1.next = node2
node2.next = node1
print(f"node1: {sys.getrefcount(node1)}")
print(f"node2: {sys.getrefcount(node2)}")
before = len(gc.get_objects())
del node1
del node2
print("nodes alive:", sum(type(item).__name__ == "Node" for item in gc.get_objects()))
collected = gc.collect()
print(f"collected: {collected}")
print("nodes alive:", sum(type(item).__name__ == "Node" for item in gc.get_objects()))
print("fewer tracked objects:", len(gc.get_objects()) <= before - 2)


class Faulty:
    def __init__(self, value):
        self.value = val
        self.next = None


try:
    Faulty(1)
except NameError as error:
    print(error)
