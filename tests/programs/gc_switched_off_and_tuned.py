"""gc.disable, enable, collect, get_stats and set_threshold."""
import gc

gc.disable()
print(f"enabled: {gc.isenabled()}")
before = [stat["collections"] for stat in gc.get_stats()]
data = [i for i in range(1000000)]
more = [[] for i in range(10000)]
print([stat["collections"] for stat in gc.get_stats()] == before)
gc.enable()
del more
gc.collect()
collected = gc.collect()
print(f"collected: {collected}")
stats = gc.get_stats()
for i, stat in enumerate(stats):
    print(f"Generation {i}: {sorted(stat)} {stat['uncollectable']}")
print(stats[2]["collections"] - before[2])
gc.set_threshold(1000, 15, 15)
print(f"thresholds: {gc.get_threshold()}")
print(gc.isenabled(), len(data))
