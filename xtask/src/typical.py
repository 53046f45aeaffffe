"""What many programs do: the functions of the runtime that this calls stand next to those of start-up (`cargo xtask order`)."""

import argparse, asyncio, bisect, collections, contextlib, copy, dataclasses, datetime, decimal, enum, functools, heapq, io, itertools
import json, logging, warnings, math, os, pathlib, pickle, random, re, statistics, string, struct, sys, tempfile, threading, time, traceback, typing, weakref


from os.path import basename, join as join_paths


class Shape:
    sides = 0
    __slots__ = ("name", "__weakref__")

    def __init__(self, name, *parts, scale=1, **more):
        self.name = f"{name!r:>10}{scale:.2f}{len(parts)}"

    @property
    def label(self):
        return self.name.upper()

    @classmethod
    def of(cls, text):
        return cls(*text.split(","), scale=2)

    @staticmethod
    def area(width, height=2):
        return width * height

    def __eq__(self, other):
        return isinstance(other, Shape) and self.name == other.name

    def __lt__(self, other):
        return self.name < other.name

    def __hash__(self):
        return hash(self.name)


class Square(Shape):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.corners = [1, 2, 3, 4]

    def __getattr__(self, name):
        raise AttributeError(name)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return True

    def __iter__(self):
        yield from self.corners


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: float = 0.5
    tags: list = dataclasses.field(default_factory=list)


class Color(enum.Enum):
    RED = 1
    BLUE = 2


Pair = collections.namedtuple("Pair", "left right")


def texts():
    words = "the quick brown fox jumps over the lazy dog".split()
    line = " ".join(sorted(words, key=len, reverse=True)).title().replace("The", "A").strip().encode("utf-8").decode()
    assert line.find("Q") == 0 and line.startswith("Q") and "dog" in line.lower() and line[2:-2:2]
    print("%s %d %5.1f %r %x" % (line, 3, 2.5, None, 255), "{:>8} {!r}".format(1, "é"), "abc".center(9, "*"), file=io.StringIO())
    counted = collections.Counter(words)
    by_size = collections.defaultdict(list)
    for word in words:
        by_size[len(word)].append(word)
    found = re.findall(r"(\w+)\s+(?P<next>[a-z]*)", line) + re.sub(r"o", lambda m: m.group().upper(), line).split(" ", 2)
    return counted.most_common(2), {k: v for k, v in by_size.items() if k > 2}, re.match(r"^\d+(?:\.\d*)?$", "12.5"), found


def numbers():
    total, fraction, large = 0, 0.0, 1
    for i in range(100):
        total += i * 3 - (i // 2) % 7 ^ i & 3 | 1 << (i & 7)
        fraction += math.sqrt(i) / (i + 1) - fraction * 0.5 ** 2
        large *= i + 1
    grid = [[row * column for column in range(5)] for row in range(5)]
    for row in grid:
        row[1], row[2] = row[2], -row[1]
    a, (b, *rest) = total, (1, 2, 3)
    assert str(large) and int("123") + round(2.567, 2) > min(1, 2) and divmod(large, 10**20) and float("1.5") and large % 97 >= 0
    return sum(map(sum, grid)), statistics.mean([1, 2, 3.5]), abs(-total), max(grid), any(rest), complex(1, 2) * 2j, large >> 90, hash(fraction)


def containers():
    items = list(range(50))
    random.Random(5).shuffle(items)
    items.sort(); items.reverse(); items.insert(3, 99); items.pop(); items.extend((7, 8)); items[2:4] = [1]; del items[0]
    table = dict(zip("abcdefghij", items))
    table.update(z=1); table.setdefault("y", []).append(2); table.pop("a", None)
    ones, twos = set(items), frozenset([1, 2, 3])
    queue = collections.deque(items, maxlen=20)
    queue.appendleft(1); queue.rotate(2); queue.popleft()
    heapq.heappush(items, 4); heapq.heappop(items); bisect.insort(items, 5)
    pairs = sorted(table.items(), key=lambda pair: str(pair[1]))
    grouped = {key: list(group) for key, group in itertools.groupby(sorted(map(str, items)), key=len)}
    return (ones & twos, ones | twos, ones - twos, pairs, grouped, list(itertools.chain(items, queue)), [*itertools.islice(itertools.count(), 5)],
            list(itertools.product("ab", repeat=2)), list(enumerate(reversed(items)))[:3], tuple(filter(None, items)), functools.reduce(int.__add__, items),
            all(x is not None for x in items), copy.deepcopy(table), bytearray(b"abc") + bytes(3), memoryview(b"abc")[1:].tobytes(), items == items[:])


def objects():
    shapes = [Square(f"s{i}", 1, 2, scale=i) for i in range(5)] + [Shape.of("a,b")]
    shapes.sort()
    square = shapes[-1]
    reference = weakref.ref(square)
    with contextlib.suppress(AttributeError):
        square.missing
    with Square("w") as opened:
        raise ValueError("kept")
    try:
        {}["missing"]
    except (KeyError, IndexError) as error:
        traceback.format_exception(error)
    finally:
        setattr(opened, "later", getattr(opened, "nothing", 1))
    assert reference() is square and Point(1) < Point(2) and Color(1) is Color.RED and Pair(1, 2)._replace(left=3) and hasattr(square, "name")
    return [*Square("q")], repr(Point(3)), Pair(1, 2).left, isinstance(square, (int, Shape)), square.label, str(Color.BLUE), square in {square}, type(square).__name__


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def closures(count=3):
    kept = []

    def add(value, *, twice=False):
        nonlocal count
        count += value
        kept.append(count if not twice else count * 2)
        return lambda: kept[-1]

    match [add(2), add(3, twice=True)()]:
        case [first, int(second)] if second:
            return first(), second, functools.partial(add, 1)()()


async def waiting():
    async def one(n):
        await asyncio.sleep(0)
        return n

    return await asyncio.gather(*(one(i) for i in range(3)))


def files():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.txt"
        path.write_text("one\ntwo\n", encoding="utf-8")
        with open(path) as file, open(os.path.join(folder, "b"), "wb") as out:
            for line in file:
                out.write(line.rstrip().encode())
        os.listdir(folder)
    data = {"a": [1, 2.5, None, True], "b": {"c": "é"}}
    return json.loads(json.dumps(data, indent=1)), pickle.loads(pickle.dumps(data)), struct.pack("<if", 1, 2.0), datetime.datetime.now().isoformat()


def threads():
    lock, results = threading.Lock(), []

    def work(n):
        with lock:
            results.append(n)

    started = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    [thread.start() for thread in started]
    [thread.join() for thread in started]
    return results


def statements(items):
    """Forms of statements and literals that the functions above do not have."""
    global seen
    seen = 0x1F + 0b101 + 0o17 + 1_000
    found = []
    while True:
        for index, item in enumerate(items):
            if item is None:
                continue
            elif isinstance(item, str) and not item:
                break
            try:
                if index == 2:
                    continue
                found.append(item if index else lambda *args, **kwargs: (args, kwargs))
                if len(found) > 3:
                    return found
            finally:
                del item
        else:
            pass
        if found:
            break
    try:
        raise ExceptionGroup("several", [ValueError(1), TypeError(2)])
    except* ValueError as group:
        found.append(len(group.exceptions))
    except* TypeError:
        pass
    warnings.warn("ignored", DeprecationWarning, stacklevel=2)
    return b"a,b".split(b","), b"abc".replace(b"b", b""), b"abc".rfind(b"c"), "a-b-c".rfind("-"), "x".zfill(3), "aB".swapcase(), found


async def streaming():
    async def numbers():
        for n in range(3):
            yield n

    async with asyncio.Lock():
        return [n async for n in numbers()]


parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int, default=1)
parser.parse_args(["--count", "2"])
logging.basicConfig(stream=io.StringIO())
logging.getLogger("typical").warning("%s", 1)
begun = time.perf_counter()
for _ in range(2):
    texts(), numbers(), containers(), objects(), closures(), fib(9)
asyncio.run(waiting()), asyncio.run(streaming()), files(), threads(), statements([1, None, 'a', '', 2])
print(string.ascii_letters[:3], typing.Optional[int], sys.maxsize, decimal.Decimal("1.5") + 1, time.perf_counter() > begun)
