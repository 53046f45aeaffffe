"""Thresholds, counts, collections by hand, tracked objects."""
import gc

print(f"thresholds: {gc.get_threshold()}")
count = gc.get_count()
print(f"counts: {len(count)} {all(isinstance(number, int) and number >= 0 for number in count)}")
gc.collect()
print(f"collected: {gc.collect()}")
print(f"tracked: {len(gc.get_objects()) > 1000}")
print([len(gc.get_objects(generation)) > 0 for generation in (1, 2)], gc.get_count()[1:])
