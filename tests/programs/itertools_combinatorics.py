"""product, permutations, combinations."""
from itertools import *
print(list(product("ab", repeat=2)), list(product([1], [2, 3])), list(permutations([1, 2, 3], 2)), list(combinations("abcd", 2))[:3], list(combinations_with_replacement("ab", 2)))
print(list(chain([1], "a")), list(chain.from_iterable([[1], [2]])), list(islice(count(5, 2), 3)), list(islice(cycle("ab"), 5)), list(repeat(1, 2)), list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], lambda a, b: a * b, initial=10)))
print(list(takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(filterfalse(bool, [0, 1])), list(compress("abc", [1, 0, 1])), list(starmap(pow, [(2, 3)])), list(zip_longest("ab", "c", fillvalue="-")), list(pairwise("abc")))
print([(k, list(g)) for k, g in groupby("aabbc")], [list(t) for t in tee([1, 2])], list(islice(range(10), 2, 8, 3)))
import copy, pickle
c = count(3); next(c); print(c, copy.copy(c), pickle.loads(pickle.dumps(c)), repeat("x", 3))
