"""Instances that their class keeps in a list: gc.get_referrers shows what holds them."""
import gc


class LeakyClass:
    instances = []

    def __init__(self, value):
        self.value = value
        LeakyClass.instances.append(self)


for i in range(100):
    obj = LeakyClass(i)
print(f"instances left: {len(LeakyClass.instances)}")
sample = LeakyClass.instances[0]
referrers = gc.get_referrers(sample)
print(f"referrers: {len(referrers)}")
for ref in sorted(referrers, key=lambda ref: str(type(ref))):
    print(f"type: {type(ref)}")
LeakyClass.instances.clear()
gc.collect()
del referrers, ref
print(len(gc.get_referrers(sample)), sum(isinstance(item, LeakyClass) for item in gc.get_objects()))
