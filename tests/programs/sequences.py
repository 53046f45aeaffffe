# Tuples, ranges, slices and the built-in iterators.
import sys


def show(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "!!", type(error).__name__, error)


for text in """
hash(()), hash((1,)), hash((1, 2)), hash((1, (2, 3), -1))
(1, 2) + (3,), (1, 2) * 2, () * 5, (1,) * -1
(1, 2, 3)[1:], (1, 2, 3)[::-1], (1, 2, 3)[5:]
(1, 2) < (1, 3), (1,) < (1, 0), (1, 2) == (1, 2.0), () == []
(1, 2, 1).count(1), (1, 2, 1).index(1, 1)
(1,).index(2)
(1,) + [2]
()[0]
tuple("abc"), tuple([1, 2]), tuple(), tuple((1, 2))
tuple(1)
tuple(1, 2)
tuple(a=1)
repr((1,)), repr(()), repr((1, 2))
sys.getsizeof(()), sys.getsizeof((1, 2, 3))
(1, 2).__getnewargs__()
range(10), range(1, 10), range(1, 10, 3), range(10, 0, -3)
list(range(10, 0, -3)), list(range(0)), len(range(0, 10, 3))
range(10)[3], range(10)[-1], range(10)[2:5], range(10)[::-2], range(10**30)[10**29]
range(10)[10]
range(10)['a']
range(3) == range(0, 3, 1), range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2), hash(range(3)) == hash(range(0, 3, 1))
3 in range(10), 3 in range(0, 10, 2), 3.0 in range(5), 'a' in range(5), 10**40 in range(10**50)
range(10).index(3), range(0, 10, 2).index(4), range(10).count(3), range(10).count(20)
range(10).index(11)
range(1, 2, 0)
range(1.5)
range()
range(1, 2, 3, 4)
len(range(10**30))
list(range(10**20, 10**20 + 3)), list(reversed(range(10**20, 10**20 + 3)))
list(reversed(range(5))), list(range(2**63 - 3, 2**63))
range(5).start, range(5).stop, range(5).step
bool(range(0)), bool(range(1))
iter(range(5)).__reduce__()[1:], iter(range(10**30)).__reduce__()[1:]
slice(1), slice(1, 2), slice(1, 2, 3), slice(None)
slice(1, 2) == slice(1, 2), slice(1) < slice(2)
slice(1, 10, 2).indices(5), slice(None, None, -1).indices(5), slice(-3, None).indices(2), slice(10**30).indices(10**29)
slice(1, 2, 0).indices(3)
slice('a').indices(3)
slice(1).indices(-1)
hash(slice(1))
slice(1, 2, 3).__reduce__()
list(enumerate('ab')), list(enumerate('ab', 5)), list(enumerate('ab', start=10**30)), list(enumerate('ab', 2**63 - 1))
enumerate()
enumerate([], 1, 2)
enumerate([], x=1)
enumerate('ab').__reduce__()[0]
list(zip('ab', [1, 2, 3])), list(zip()), list(zip('a'))
list(zip('ab', 'abc', strict=True))
list(zip('abc', 'ab', strict=True))
list(zip('ab', 'ab', 'a', strict=True))
zip(x=1)
zip(1)
list(map(str, [1, 2])), list(map(pow, [2, 3], [3, 2])), list(map(lambda *a: a, 'ab', 'abc', 'a'))
map()
map(1)
map(str, 1)
list(filter(None, [0, 1, '', 'a'])), list(filter(lambda x: x > 1, [1, 2, 3]))
filter(None)
list(reversed((1, 2, 3))), list(reversed('abc'))
reversed(1)
reversed({1})
iter(1)
list(iter([1, 2, 3, 4].pop, 2))
next(iter([]), 5)
1 in iter([1]), 2 in iter([1])
1 in 1
1 + 'a'
'a' + 1
[] - []
-'a'
2 ** 'a'
pow(2, 'a', 3)
divmod(1, 'a')
1 @ 2
(1)[0]
list[int], tuple[int, ...], type[int], int | str, int | None, list[int] | None
list[int] == list[int], hash(list[int]) == hash(list[int]), list[int].__origin__, list[int].__args__, list[int]()
list[int][str]
isinstance(1, int | str), issubclass(bool, int | str), isinstance(1, list[int])
""".strip().splitlines():
    show(text)


class Sequence:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]

    def __len__(self):
        return len(self.items)


old = Sequence([1, 2, 3])
print(list(old), list(reversed(old)), 2 in old, 9 in old, tuple(old), iter(old).__length_hint__())
iterator = iter(old)
next(iterator)
print(iterator.__reduce__()[2])
iterator.__setstate__(0)
print(list(iterator), list(iterator))


class Number:
    def __add__(self, other):
        return NotImplemented

    def __radd__(self, other):
        return ("radd", other)

    def __iadd__(self, other):
        return ("iadd", other)

    def __index__(self):
        return 2

    def __pow__(self, other, modulus=None):
        return ("pow", other, modulus)

    def __rpow__(self, other):
        return ("rpow", other)


class Derived(Number):
    def __radd__(self, other):
        return ("derived", type(other).__name__)


print(1 + Number(), [1, 2, 3][Number()], [0] * Number(), pow(Number(), 2, 3), 2 ** Number(), Number() + Derived())
value = Number()
value += 5
print(value)
try:
    Number() + Number()
except TypeError as error:
    print(error)
