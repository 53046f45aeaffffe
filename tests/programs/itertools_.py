# itertools: what each gives, its state for pickling, and its errors.
import operator
from itertools import *


def show(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "!!", type(error).__name__, error)


for text in """
list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], operator.mul)), list(accumulate([], initial=5)), list(accumulate([1, 2], initial=5))
accumulate()
accumulate([1], x=1)
accumulate(1)
list(chain('ab', [1, 2])), list(chain()), list(chain.from_iterable(['ab', 'c']))
list(chain(1))
chain([1], x=1)
list(combinations('abcd', 2)), list(combinations('ab', 3)), list(combinations('ab', 0))
combinations('ab', -1)
combinations('ab')
list(combinations_with_replacement('abc', 2)), list(combinations_with_replacement('', 2))
list(permutations('abc')), list(permutations('abc', 2)), list(permutations('ab', 3)), list(permutations('ab', 0))
permutations('ab', 'x')
permutations('ab', -1)
list(product('ab', [1, 2])), list(product('ab', repeat=2)), list(product()), list(product('ab', ''))
product([1], repeat=-1)
product([1], x=1)
list(compress('abcd', [1, 0, 1])), list(islice(count(5), 3)), list(islice(count(1.5, 0.5), 3)), list(islice(count(2**63 - 2), 4))
count('a')
count(5), count(2**70), count(1, 2), count(1.5, 2)
list(islice(cycle('ab'), 5)), list(cycle([]))
list(dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(filterfalse(None, [0, 1, '']))
dropwhile(1)
takewhile(x=1)
[(k, list(g)) for k, g in groupby('aabbca')], [(k, list(g)) for k, g in groupby([1, 3, 2, 4], lambda x: x % 2)]
[k for k, g in groupby('aabbca')]
list(islice('abcdef', 2)), list(islice('abcdef', 2, 5)), list(islice('abcdef', 1, None, 2)), list(islice('abc', None))
islice('a', -1)
islice('a', 1, -1)
islice('a', 1, 2, 0)
islice('a')
list(pairwise('abcd')), list(pairwise('a'))
list(repeat(1, 3)), repeat(1), repeat(1, 3), repeat('a', -5)
repeat()
repeat(1).__length_hint__()
list(starmap(pow, [(2, 3), (3, 2)]))
list(starmap(pow, [1]))
[list(t) for t in tee('abc', 3)], tee([], 0)
tee([], -1)
list(zip_longest('ab', 'a', fillvalue='-')), list(zip_longest()), list(zip_longest('ab', [1, 2, 3], ''))
zip_longest('a', x=1)
accumulate([1, 2], initial=5).__reduce__()[1][1:]
combinations([1, 2, 3], 2).__reduce__(), product([1, 2], [3]).__reduce__(), permutations([1, 2]).__reduce__()
islice([1, 2, 3], 1, 3, 1).__reduce__()[1][1:], repeat(1, 3).__reduce__(), count(3).__reduce__(), count(3, 2).__reduce__()
cycle([1]).__reduce__()[2], zip_longest([1], fillvalue=2).__reduce__()[2], takewhile(None, []).__reduce__()[2]
""".strip().splitlines():
    show(text)

for iterator in (combinations("abc", 2), combinations_with_replacement("ab", 2), permutations("abc", 2), product("ab", "cd")):
    next(iterator), next(iterator)
    cls, arguments, state = iterator.__reduce__()
    again = cls(*arguments)
    again.__setstate__(state)
    print(cls, state, list(iterator), list(again))
    print(iterator.__reduce__())
first, second = tee(range(130))
next(first)
print(list(first)[-1], list(second)[-1])
groups = groupby("aab")
key, group = next(groups)
next(groups)
print(list(group))


class Stops:
    def __iter__(self):
        return self

    def __next__(self):
        raise KeyError("stop")


for make in (chain, lambda i: zip_longest("ab", i), lambda i: accumulate(i), lambda i: pairwise(i), lambda i: cycle(i)):
    try:
        list(make(Stops()))
    except KeyError as error:
        print(repr(error))
