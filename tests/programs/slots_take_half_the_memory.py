"""Instances with __slots__ are smaller than those with a dictionary, one by one and by the hundred thousand."""
import sys
import tracemalloc


class PersonNormal:
    def __init__(self, name, age):
        self.name = name
        self.age = age


class PersonSlots:
    __slots__ = ["name", "age"]

    def __init__(self, name, age):
        self.name = name
        self.age = age


p1 = PersonNormal("Alice", 30)
p2 = PersonSlots("Bob", 25)
print(f"plain instance: {sys.getsizeof(p1)} bytes")
print(f"its __dict__: {sys.getsizeof(p1.__dict__)} bytes")
print(f"with __slots__: {sys.getsizeof(p2)} bytes")

tracemalloc.start()
persons_normal = [PersonNormal(f"Person{i}", i) for i in range(100000)]
current1, peak1 = tracemalloc.get_traced_memory()
tracemalloc.clear_traces()
persons_slots = [PersonSlots(f"Person{i}", i) for i in range(100000)]
current2, peak2 = tracemalloc.get_traced_memory()
print(f"plain: {current1 / 10**6:.1f}MB, at most {peak1 / 10**6:.1f}MB")
print(f"slots: {current2 / 10**6:.1f}MB, at most {peak2 / 10**6:.1f}MB")
print(f"saved: {(current1 - current2) / 10**6:.1f}MB ({((current1-current2)/current1)*100:.0f}%)")
tracemalloc.stop()
