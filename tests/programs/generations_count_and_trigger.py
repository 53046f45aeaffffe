"""Counts of the three generations move with allocations, and trigger collections at 700, 10 and 10."""
import gc

print(gc.get_threshold())
seen = []
gc.callbacks.append(lambda phase, info: phase == "start" and seen.append(info["generation"]))
gc.collect()
seen.clear()
print(gc.get_count()[1:])
li = []
counts = []
for i in range(2000):
    li.append([])
    counts.append(gc.get_count())
    li.pop()
# The list that dies gives its place to the next: the count of the youngest generation rises by one tuple at a time.
rises = [after[0] - before[0] for before, after in zip(counts, counts[1:])]
print(sorted(set(rises))[-1], max(count[0] for count in counts) <= 700)
print(seen)
kept = []
for i in range(700 * 130):
    kept.append([])
print(seen.count(0), seen.count(1), seen.count(2), seen[-24:])
gc.callbacks.clear()
del kept, counts
