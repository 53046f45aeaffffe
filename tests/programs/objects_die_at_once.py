"""An object dies with its last reference, not later."""
class Noisy:
    def __init__(self, name): self.name = name
    def __del__(self): print("dead", self.name)
a = Noisy("a")
b = a
del a
print("still there")
b = None
print("gone")
def inner():
    local = Noisy("local")
    print("in function")
inner()
Noisy("nameless")
items = [Noisy("first"), Noisy("second")]
items.pop(0)
print("popped")
items.clear()
print("end")
