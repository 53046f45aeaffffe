"""iter, next, sentinels, sequences, reversed, exhaustion."""
class Seq:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * 10
    def __len__(self): return 3
print(list(Seq()), list(reversed(Seq())), 20 in Seq(), 5 in Seq())
it = iter([1, 2, 3].pop, 1); print(list(it))
class Once:
    def __iter__(self): return self
    n = 0
    def __next__(self):
        self.n += 1
        if self.n > 2: raise StopIteration
        return self.n
o = Once(); print(list(o), list(o), sum(Once()), max(Once()), tuple(Once()), dict(enumerate(Once())))
l = [1, 2]; it = iter(l); next(it); next(it); print(next(it, "end")); l.append(3); print(next(it, "still the end"))
import operator
print(operator.length_hint(iter([1, 2, 3])), list(zip("abc", range(2))), list(map(lambda a, b: a + b, [1, 2], [10, 20])), list(filter(None, [0, 1, "", "a"])))
try:
    list(zip("ab", "a", strict=True))
except ValueError as error:
    print(error)
for bad in (5, object()):
    try:
        iter(bad)
    except TypeError as error:
        print(error)
print(repr(iter([])).split(" at")[0], repr(iter({})).split(" at")[0], type(iter("")).__name__, type(iter(set())).__name__, type(iter(range(3))).__name__, type(zip()).__name__)
