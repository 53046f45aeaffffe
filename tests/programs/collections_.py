# deque, defaultdict, Counter, OrderedDict, named tuples; heapq, bisect, functools, operator.
import bisect, functools, heapq, operator, sys
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple


def show(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "!!", type(error).__name__, error)


d = deque([1, 2, 3], 4)
Point = namedtuple("Point", "x y")
for text in """
d, len(d), d[0], d[-1], 2 in d, d.maxlen, bool(deque())
d.append(4), d.append(5), d, d.appendleft(0), d
d.rotate(1), d, d.rotate(-2), d, d.rotate(100), d
d.pop(), d.popleft(), d
deque([1, 2, 3]) + deque([4]), deque([1, 2]) * 2, deque([1, 2], 3) * 5
deque([1]) + [1]
deque([1]) == deque([1]), deque([1]) < deque([2]), deque([1]) == [1]
deque('abcb').count('b'), deque('abcb').index('b', 2), list(reversed(deque('abc')))
deque('abc').index('z')
deque('abc').remove('z')
deque([1, 2], 2).insert(0, 1)
deque().pop()
deque([], -1)
deque([], 'a')
deque(1)
deque([], 1, 2)
d[7]
d['a']
deque([1, 2], 5).__reduce__()[1:3]
sys.getsizeof(deque()), sys.getsizeof(deque(range(100)))
defaultdict(int)[3], defaultdict(list), defaultdict(None, a=1), defaultdict(int, {1: 2}).copy()
defaultdict()[3]
defaultdict(1)
defaultdict(int, {1: 2}) | {3: 4}, {3: 4} | defaultdict(int, {1: 2})
Counter('abracadabra').most_common(2), Counter('aab') + Counter('ab'), Counter([1, 1.0, True])
Point(1, 2), Point(1, 2).x, Point(1, 2)._replace(x=5), Point._fields, Point(1, 2) == (1, 2), Point.x
OrderedDict([(1, 2), (3, 4)]), OrderedDict(a=1) == {'a': 1}, OrderedDict.fromkeys('ab')
heapq.nsmallest(3, [5, 1, 4, 2]), heapq.nlargest(2, [5, 1, 4, 2]), list(heapq.merge([1, 4], [2, 3]))
heapq.heappop([])
heapq.heappush((), 1)
heapq.heapreplace([], 1)
heapq.heappushpop([], 1), heapq.heappushpop([0, 5], 3)
bisect.bisect([1, 2, 2, 3], 2), bisect.bisect_left([1, 2, 2, 3], 2), bisect.bisect([1, 2, 3], 5, 1, 2), bisect.bisect([-1, -2], 1, key=lambda x: -x)
bisect.bisect([1], 1, -1)
bisect.bisect_left(1, 2)
functools.reduce(operator.add, [1, 2, 3]), functools.reduce(operator.add, [], 5)
functools.reduce(operator.add, [])
functools.reduce(operator.add, 1)
functools.partial(pow, 2)(5), functools.partial(int, base=2)('101'), functools.partial(functools.partial(pow, 2), 3)()
functools.partial(int, base=2)
functools.partial()
functools.partial(1)
sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a))
operator.itemgetter(1)([1, 2]), operator.itemgetter(0, 2)('abc'), operator.itemgetter(slice(1, 3))('abcd'), operator.itemgetter(1)
operator.itemgetter()
operator.itemgetter(1)(2)
operator.attrgetter('real')(5), operator.attrgetter('real', 'imag')(5), operator.attrgetter('real.imag')(5), operator.attrgetter('a.b')
operator.attrgetter(1)
operator.methodcaller('upper')('a'), operator.methodcaller('split', maxsplit=1)('a b c'), operator.methodcaller('x', 1, b=2)
operator.methodcaller()
operator.add(1, 2), operator.iadd([1], [2]), operator.concat('a', 'b'), operator.not_(0), operator.is_(1, 1), operator.index(True)
operator.concat(1, 2)
operator.length_hint([1]), operator.length_hint(1, -3), operator.countOf([1, 1], 1), operator.indexOf('abc', 'c'), operator.contains('abc', 'b')
operator.call(len, [1]), operator.pow(2, 3), operator.matmul
operator.matmul(1, 2)
operator._compare_digest('a', 'a'), operator._compare_digest(b'a', b'b')
""".strip().splitlines():
    show(text)

heap = []
for number in (5, 3, 8, 1, 9, 2):
    heapq.heappush(heap, number)
print(heap, [heapq.heappop(heap) for _ in range(6)])
heap = [5, 3, 8, 1, 9, 2]
heapq.heapify(heap)
print(heap)
calls = []


@functools.lru_cache(maxsize=2)
def cached(*args, **kwargs):
    calls.append((args, kwargs))
    return len(calls)


print(cached(1), cached(2), cached(1), cached(3), cached(2), cached(1), cached.cache_info())
print(cached(1, a=2), cached(1, a=2), calls)
cached.cache_clear()
print(cached.cache_info(), cached.__wrapped__.__name__, cached.cache_parameters())


@functools.lru_cache(maxsize=None, typed=True)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(fibonacci(80), fibonacci(3), fibonacci(3.0), fibonacci.cache_info())
try:
    cached([])
except TypeError as error:
    print(error)
numbers = deque(range(5))
try:
    for number in numbers:
        numbers.append(number)
except RuntimeError as error:
    print(error)
many = deque()
for number in range(1000):
    many.append(number)
    if number % 3 == 0:
        many.popleft()
    many.rotate(number % 5 - 2)
print(len(many), many[0], many[-1], sum(many), many[100])
