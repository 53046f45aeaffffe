"""A weak reference leaves the count alone and is None when the object is gone."""
import sys
import weakref


class Data:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        print(f"Data({self.value}) deleted")


data = Data(42)
ref1 = data
print(f"count: {sys.getrefcount(data)}")
weak_ref = weakref.ref(data)
print(f"count: {sys.getrefcount(data)}")
print(f"through it: {type(weak_ref()).__name__}")
print(f"value: {weak_ref().value}")
del data
del ref1
print(f"afterwards: {weak_ref()}")
