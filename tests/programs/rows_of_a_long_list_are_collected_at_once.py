"""Objects that only one long list holds: kept while it is reachable, gone with it, in the order that a walk over each of them gives."""
import gc


class Row:
    def __init__(self, number):
        self.number = number


class Told(Row):
    def __del__(self):
        told.append(self.number)


told = []


def numbers():
    """The rows that are tracked, in the collector's order."""
    return [each.number for each in gc.get_objects() if isinstance(each, Row)]


def summary(name):
    found = numbers()
    falls = sum(left > right for left, right in zip(found, found[1:]))
    print(f"{name}: {len(found)} rows from {found[0]} to {found[-1]}, {falls} falls" if found else f"{name}: no rows")


def rows(count, make=Row, first=0):
    return [make(number) for number in range(first, first + count)]


gc.disable()

# A list that was there before its rows, and one that came after them.
before = []
before += rows(5000)
after = list(rows(6000, first=5000))
summary("new")
print(gc.collect())
summary("collected once")
print(gc.collect())
summary("collected twice")

# Rows leave from the middle, from both ends, and one by one: links lead back after that.
del before[2000:3000], before[:10], after[-10:]
del after[::7]
print(gc.collect())
summary("thinned")
after.reverse()
before[100:200] = [[each] for each in before[100:200]]
print(gc.collect())
summary("turned")

# The same with garbage between rows, rows that refer to others, and rows that stand twice.
for at in range(0, 4000, 50):
    cycle = []
    cycle.append(cycle)
    before.append(Row(20_000 + at))
    if at % 500 == 0:
        before[-1].other = before[at // 100]
        before.append(before[-1])
print(gc.collect())
summary("mixed")

# A list in a cycle dies with its rows, and their finalizers run in order.
lost = rows(4500, Told, first=50_000)
lost.append(lost)
print(gc.collect())
lost.append(Row(60_000))
lost = None
print(gc.collect(), len(told), told == sorted(told), told[0], told[-1])
summary("lost")

# What is brought back by something that comes later in the walk keeps its rows.
inner = rows(4096, first=70_000)
outer = [inner]
inner.append(outer)
kept = {"later": outer}
kept["self"] = kept
del inner, outer
print(gc.collect())
summary("brought back")
del kept
print(gc.collect())
summary("let go")

# The class of all rows is held by them alone.
made = type("Made", (Row,), {})
many = [made(number) for number in range(80_000, 85_000)]
many.append([made])
del many[-1], made
print(gc.collect(), type(many[0]).__name__)
many.append(many)
del many
print(gc.collect() > 5000)
summary("without the class")

# Tuples of numbers stop being tracked, others stay.
pairs = [(number, [number]) for number in range(5000)]
plain = [tuple([number, "a"]) for number in range(5000)]
print(sum(map(gc.is_tracked, pairs)), sum(map(gc.is_tracked, plain)))
print(gc.collect(), sum(map(gc.is_tracked, pairs)), sum(map(gc.is_tracked, plain)))
fixed = tuple([number] for number in range(5000))
print(gc.collect(), gc.is_tracked(fixed), sum(map(gc.is_tracked, fixed)))
before = after = pairs = plain = fixed = None
print(gc.collect(), numbers())
