"""Thresholds, counts, freezing and callbacks of the collector."""
import gc
print(gc.get_threshold(), gc.isenabled())
seen = []
gc.callbacks.append(lambda phase, info: seen.append((phase, info["generation"])))
gc.collect(0)
gc.collect(1)
gc.collect()
gc.callbacks.clear()
print(seen)
gc.freeze()
print(gc.get_freeze_count() > 0)
gc.unfreeze()
print(gc.get_freeze_count())
print(gc.is_tracked([]), gc.is_tracked(1), gc.is_tracked({}), gc.is_tracked({"a": []}), gc.is_tracked((1, 2)))
x = []
print(x in gc.get_referents([x]), gc.get_referents(5))
