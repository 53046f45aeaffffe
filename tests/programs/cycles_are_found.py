"""The collector frees what only holds itself."""
import gc
gc.disable()
class Node:
    def __init__(self): self.me = self
    def __del__(self): print("collected")
Node()
print("lost, still alive")
print(gc.collect() > 0)
a, b = Node(), []
b.append(b)
del b
print(gc.collect())
a.me = None
del a
gc.enable()
