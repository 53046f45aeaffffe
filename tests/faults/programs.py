"""Small programs for allocations that fail: each is a function that gives the same answer each time, and holds nothing afterwards.

`fail.py` runs them. They may use what `fail.py` imported before, and clean up by themselves: what they leave behind on purpose (caches of modules)
would count as lost.
"""
import collections
import contextlib
import copy
import functools
import heapq
import io
import itertools
import json
import operator
import pickle
import re
import string
import struct
import sys
import textwrap
import types
import weakref
from array import array
from datetime import date, datetime, timedelta

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


@program
def lists():
    a = [1, 2, 3]
    a.append(4)
    a.extend(range(20))
    a.insert(3, "x")
    a += [5] * 10
    a[2:5] = range(30)
    del a[::3]
    b = a[::-1] + a[1:4] * 3
    first, *rest = b
    return len(a), a.count(5), b.index(5), a.pop(), a == b, sorted(map(str, rest))[:5], [*a, *b][-3:]


@program
def tuples():
    a = tuple(range(30))
    b = a + (1, 2) * 4
    one, *_, last = b
    return b[3:20:2], hash(b) == hash(tuple(list(b))), one, last, (*a, *b)[40:], tuple(x for x in a if x % 2), b.count(1)


@program
def dicts_grow():
    d = {}
    for i in range(200):
        d[i * 7919] = str(i)
    for i in range(0, 200, 3):
        del d[i * 7919]
    d.update(a=1, b=2)
    e = {**d, "c": 3} | {"d": 4}
    e.setdefault("x", []).append(1)
    return len(d), len(e), list(e.items())[-4:], e.pop("a"), dict.fromkeys("abc"), e.popitem(), sorted(map(str, d.keys() & e.keys()))[:3]


@program
def sets():
    s = set()
    for i in range(100):
        s.add(i * i)
    t = frozenset(range(0, 400, 7))
    s.update([1000, 1001])
    s.discard(1000)
    return sorted(s & t), len(s | t), len(s ^ t), len(s - t), t.issubset(s), {frozenset([1]), frozenset([2])} == {frozenset([2]), frozenset([1])}, len(s.copy())


@program
def strings():
    s = "abc" * 20
    t = s.upper() + "é" + "한국" + "\U0001f600"
    u = t.replace("ABC", "xyz").split("z")
    v = "-".join(u)
    return (
        v.title(), s.find("ca"), t.encode(), t.encode("utf-16"), v.encode().decode(), t.casefold(), repr(t), ascii(t), s.partition("bc"),
        t.translate({65: "1", 66: None}), s.center(90, "é"), "a\tb\n c".expandtabs().splitlines(), t[3:-2], s.zfill(70), "x y  z".split(), t.rsplit("A", 3),
        "%s %r %5d %.3f %x" % ("a", "é", 42, 1.5, 255), "{} {:>10} {!r:^9} {a[0]}".format(1, "b", "c", a=[1]), s.isidentifier(),
    )


@program
def f_strings():
    a, b, name = 12345.678, "한국", "x"
    return f"{a:,.2f} {b!r:>10} {name=} {a:{len(b) * 5}} {[x for x in range(3)]} {b}{b}{{}}" f"{sum(range(5)):08b}" + f"{1e100:g}{2**70:_}"


@program
def bytes_and_bytearrays():
    b = bytes(range(60)) + b"x" * 9
    a = bytearray(b)
    a.extend(b"abc")
    a[3:10] = b"replaced here"
    del a[::5]
    a += b"tail"
    m = memoryview(a)[2:9]
    n = m.tobytes().hex()
    m.release()
    a.insert(0, 3)
    return bytes(a), n, b.split(b"\n"), b.replace(b"x", b"yy"), bytes.fromhex("00 ff"), a.find(b"tail"), b.join([b"1", b"2"]), a.decode("latin-1"), b"%d %s" % (1, b"a")


@program
def big_integers():
    a = 3**200
    b = a * a - 1
    return a // 7, b % a, divmod(b, 10**50), str(a), int("9" * 60) ** 3, pow(3, 1000, 10**40), -a >> 13, a << 60, a & b, a | b, a ^ ~b, a.to_bytes(60, "big"), hex(b), a.bit_length(), float(a), int.from_bytes(b"\1" * 30, "little")


@program
def floats_and_complex():
    x = 1.1
    return [x**n for n in range(10)], sum([x] * 10), round(x * 100, 1), (x + 2j) ** 3, repr(1e300 * 1e10), float("1e5"), divmod(x, 0.3), x.hex(), x.as_integer_ratio(), complex("1+2j"), str(2j), float.fromhex("0x1.8p3")


@program
def classes():
    class Base:
        """A base."""

        kind = "base"

        def __init__(self, a):
            self.a = a

        def __repr__(self):
            return f"{type(self).__name__}({self.a})"

        @property
        def double(self):
            return self.a * 2

        @classmethod
        def make(cls, a):
            return cls(a)

        def __init_subclass__(cls, **kwargs):
            cls.kwargs = kwargs

    class Derived(Base, mark=1):
        __slots__ = ("b", "c")

        def __init__(self, a):
            super().__init__(a)
            self.b = a + 1

        def __eq__(self, other):
            return self.a == other.a

        def __hash__(self):
            return hash(self.a)

    class Mixed:
        def __setitem__(self, name, value):
            self.a = {name: value}

        def __getitem__(self, name):
            return self.a[name]

    class Multiple(Derived, Mixed):
        def __getattr__(self, name):
            return name

    d = Derived.make(4)
    m = Multiple(5)
    m["x"] = d
    answer = repr(d), d.double, Derived.kwargs, [k.__name__ for k in Multiple.__mro__], m.nothing, {d: 1}[Derived(4)], m["x"].b, vars(d)
    Derived.kind = "derived"
    d.new = 1
    del d.new
    return *answer, d.kind


@program
def metaclasses():
    class Meta(type):
        def __new__(mcls, name, bases, namespace, **kwargs):
            return super().__new__(mcls, name, bases, dict(namespace, made=True))

        def __prepare__(name, bases, **kwargs):
            return {"prepared": 1}

        def __call__(cls, *args):
            return [super().__call__(*args)]

    class Descriptor:
        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner):
            return self.name

        def __set__(self, instance, value):
            instance.__dict__[self.name] = value

    class C(metaclass=Meta, key=1):
        field = Descriptor()

    c = C()[0]
    c.field = 4
    return c.field, C.made, C.prepared, vars(c), type("T", (C,), {"x": 1}).x


@program
def closures():
    def outer(a, *args, b=2, **kwargs):
        total = 0

        def inner(x):
            nonlocal total
            total += x + a + b + len(args) + len(kwargs)
            return total

        return inner

    f = outer(1, 2, 3, c=4)
    g = functools.partial(f, 5)
    return f(1), g(), [h(2) for h in [outer(i) for i in range(4)]], f.__code__.co_freevars, (lambda *a, **k: (a, k))(1, *[2, 3], x=4, **{"y": 5})


@program
def generators():
    def numbers(n):
        received = []
        try:
            for i in range(n):
                received.append((yield i))
        finally:
            received.append("closed")
        return received

    def delegate(n):
        result = yield from numbers(n)
        yield result

    g = numbers(5)
    a = next(g), g.send("x"), next(g)
    g.close()
    h = numbers(3)
    next(h)
    try:
        h.throw(KeyError("k"))
    except KeyError as error:
        b = repr(error)
    return a, b, list(delegate(3)), sum(x * x for x in range(10)), list(zip(numbers(3), numbers(4)))


@program
def coroutines():
    class Wait:
        def __await__(self):
            return (yield "waiting")

    async def work(n):
        async with contextlib.AsyncExitStack():
            return n + await Wait()

    async def stream():
        for i in range(3):
            yield i

    async def whole():
        return [x async for x in stream()], await work(1)

    c = whole()
    first = c.send(None)
    try:
        c.send(41)
    except StopIteration as stop:
        return first, stop.value


@program
def exceptions():
    class Mine(ValueError):
        def __init__(self, text, code):
            super().__init__(text)
            self.code = code

    def fail(depth):
        if depth:
            try:
                fail(depth - 1)
            except Mine as error:
                raise RuntimeError(depth) from error
            except RuntimeError:
                raise
            finally:
                depth = None
        raise Mine("deep", 7)

    seen = []
    try:
        fail(5)
    except RuntimeError as error:
        seen.append((error.args, error.__cause__.code, error.__traceback__.tb_lineno > 0))
    try:
        try:
            {}["missing"]
        except KeyError:
            [][3]
    except IndexError as error:
        seen.append(repr(error.__context__))
    try:
        raise ExceptionGroup("several", [ValueError(1), TypeError(2), Mine("x", 1)])
    except* ValueError as group:
        seen.append(len(group.exceptions))
    except* TypeError:
        seen.append("type")
    with contextlib.suppress(ZeroDivisionError):
        1 / 0
    for text in ("int('x')", "None.a", "[].x", "len(1)", "open('/none/such')", "a b", "int(1, 2, 3)", "'a' + 1", "nothing", "b'\\xff'.decode()", "'\\ud800'.encode()"):
        try:
            eval(text)
        except MemoryError:
            raise
        except Exception as error:
            seen.append(f"{type(error).__name__}: {error}")
    return seen


@program
def tracebacks():
    import traceback

    def f(n):
        return 1 / n if n == 0 else f(n - 1)

    try:
        f(3)
    except ZeroDivisionError as error:
        return len(traceback.extract_tb(error.__traceback__)), traceback.format_exception_only(error)


@program
def sorting():
    a = [(i * 7919) % 101 for i in range(150)]
    b = sorted(a, key=lambda x: (-x, str(x)))
    a.sort(reverse=True)
    c = sorted(map(str, a))
    heap = a[:]
    heapq.heapify(heap)
    return a[:5], b[-5:], c[50:55], [heapq.heappop(heap) for _ in range(5)], min(a, key=str), max(c), sorted([1.5, 1, True, 0.5]), heapq.nsmallest(3, a), heapq.merge([1, 4], [2, 3]).__next__()


@program
def comprehensions():
    return (
        [x * y for x in range(6) for y in range(x) if y % 2],
        {x: [y for y in range(x)] for x in range(5)},
        {len(w) for w in "the quick brown fox".split()},
        list(x for x in (y + 1 for y in range(10)) if x % 3),
        [[j for j in range(i)] for i in range(5)],
    )


@program
def iterators():
    return (
        list(itertools.chain([1], (2,), "34")), list(itertools.permutations(range(3))), list(itertools.product("ab", repeat=2)), list(itertools.combinations(range(4), 2)),
        [list(g) for k, g in itertools.groupby("aabbc")], list(itertools.accumulate(range(5), operator.mul, initial=1)), list(map(list, itertools.tee(iter("abc")))),
        list(itertools.islice(itertools.count(10, 3), 4)), list(itertools.zip_longest("ab", "c")), list(itertools.starmap(pow, [(2, 3)])), list(enumerate("ab", 1)), list(reversed([1, 2])),
        list(filter(None, [0, 1])), list(itertools.compress("abc", [1, 0, 1])), list(itertools.pairwise("abc")), list(itertools.combinations_with_replacement("ab", 2)), list(iter([1, 2, 3].pop, 1)),
    )


@program
def deques_and_dicts_of_collections():
    d = collections.deque(range(150), maxlen=140)
    d.rotate(7)
    d.appendleft(1)
    d.extend("abc")
    c = collections.Counter("mississippi")
    dd = collections.defaultdict(list)
    for i in range(20):
        dd[i % 3].append(i)
    od = collections.OrderedDict((i, str(i)) for i in range(20))
    od.move_to_end(3)
    od.popitem(last=False)
    cm = collections.ChainMap({1: 2}, {3: 4})
    return len(d), list(d)[:3], d.pop(), d.popleft(), c.most_common(2), dict(dd), list(od)[-2:], dict(cm), list(reversed(od))[:2], d.copy().count(5)


@program
def named_tuples():
    P = collections.namedtuple("P", "x y z", defaults=[0])
    p = P(1, 2)
    return p, p._replace(x=5)._asdict(), P._fields, p == (1, 2, 0), P._make(range(3))


@program
def weak_references():
    class C:
        def method(self):
            return 1

    dead = []
    c = C()
    r = weakref.ref(c, dead.append)
    p = weakref.proxy(c)
    p.a = 3
    values = weakref.WeakValueDictionary(x=c)
    keys = weakref.WeakKeyDictionary({c: 1})
    some = weakref.WeakSet([c])
    m = weakref.WeakMethod(c.method)
    answer = r() is c, p.a, len(values), len(keys), len(some), m()()
    del c
    return *answer, r(), len(values), len(keys), len(some), m(), len(dead)


@program
def cycles():
    import gc

    class Node:
        count = 0

        def __init__(self):
            self.me = self

        def __del__(self):
            Node.count += 1

    for _ in range(20):
        Node().other = [Node()]
    gc.collect()
    return Node.count


@program
def regular_expressions():
    return (
        re.sub(r"(\w+)@(\w+)", r"\2 at \1", "me@home you@work"), re.findall(r"[a-c]+(?=x)", "abcx bx c"), re.split(r"[,;]\s*", "a, b;c"),
        re.match(r"(?P<year>\d{4})-(?P<m>\d\d)", "2024-05").groupdict(), [m.span() for m in re.finditer("한|a", "a한b")], re.compile("a(b|c)*d").fullmatch("abcbcd").groups(),
        re.sub("b", lambda m: m[0].upper(), "abab"), re.escape("a.b"), re.subn("x", "y", "xx"),
    )


@program
def compile_regular_expressions():
    re.purge()
    pattern = re.compile(r"(?i)^(?:[\w.]+|(?P<q>\"[^\"]*\"))(?P=q)?(?<!x)\s{2,5}?(a|b|[^c-f]){3}$", re.VERBOSE)
    re.purge()
    return pattern.groups, pattern.pattern


@program
def compile_sources():
    source = textwrap.dedent('''
        """Docs."""
        import os as o
        from sys import *
        @decorate
        class C(B, metaclass=M):
            x: int = 1
            def f(self, a, /, b=1, *c, d, **e) -> None:
                global g
                try:
                    with open(a) as f, g:
                        yield (await_ := a)
                except (A, B) as error:
                    raise X from error
                else:
                    return lambda x, *y: [i for i in y if x < i < 4]
                finally:
                    del a[1:2], b.c
        async def h():
            async for x in y:
                await z
            match x:
                case {"a": [1, *_], **rest} if rest: pass
                case C(x=1) | D(): pass
                case _: print(f"{x!r:>{w}} {y=}")
        while a and not b or c if d else e:
            a += 1; assert x, y
            if a: break
            else: continue
    ''')
    code = compile(source, "source", "exec")
    tree = compile("a + [b, *c] * f(x, *y, k=1, **z)", "tree", "eval", 1024)
    return len(code.co_consts), code.co_names, len(tree.body._fields), type(tree.body).__name__


@program
def syntax_errors():
    seen = []
    for source in ("a b", "def f(:", "x = (1,", "for", "'abc", "return", "f(x for x in y, 1)", "a = 1 = b", "\tx\n y", "é$", "print 1", "class C: x = nonlocal"):
        try:
            compile(source, "s", "exec")
        except SyntaxError as error:
            seen.append((error.msg, error.lineno, error.offset))
    return seen


@program
def run_code():
    namespace = {}
    exec("def f(n):\n    return [f(n - 1)] if n else []\nx = f(4)\ny = {1: 2}\nglobal z\nz = 3", namespace)
    return namespace["x"], eval("x + [y, z]", namespace), sorted(set(namespace) - {"__builtins__"}), eval("a * b", {"__builtins__": {}}, {"a": 2, "b": 3})


@program
def imports():
    import importlib
    import importlib.util

    spec = importlib.util.spec_from_loader("fault_probe", Loader())
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop("colorsys", None)
    import colorsys

    answer = module.value, colorsys.rgb_to_hsv(1, 0, 0)
    sys.modules.pop("colorsys", None)
    try:
        import no_such_module_at_all
    except ImportError as error:
        return answer, str(error)


class Loader:
    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec("value = [i for i in range(3)]", module.__dict__)


@program
def files():
    out = io.StringIO()
    print("a", 1, [2.5], sep="-", end="!\n", file=out)
    out.write("한국\r\nb\n")
    out.seek(0)
    raw = io.BytesIO()
    text = io.TextIOWrapper(io.BufferedRandom(raw), "utf-8", newline="")
    text.write("line\n" * 20 + "é")
    text.seek(0)
    with open(__file__, "rb") as file:
        head = file.read(20), file.readline()[:3], len(file.read()) > 100
    with open(__file__, encoding="utf-8") as file:
        return out.readlines(), text.readline(), text.read()[-3:], raw.getvalue()[-4:], head, next(file)


@program
def copies_and_pickles():
    a = [1, (2, {"x": {3}}), "é", 10**30, 1.5, None, b"b", bytearray(b"c"), date(2020, 1, 2)]
    a.append(a)
    b = copy.deepcopy(a)
    c = pickle.loads(pickle.dumps(a))
    d = [pickle.loads(pickle.dumps(a[:-1], protocol)) == a[:-1] for protocol in range(6)]
    return b[-1] is b, c[-1] is c, d, b[1] == c[1], copy.copy(a[1])


@program
def json_texts():
    text = json.dumps({"a": [1, 2.5, None, True, "é\n"], "b": {"c": []}}, indent=1)
    try:
        json.loads("[1, }")
    except ValueError as error:
        return text, json.loads(text), str(error), json.dumps("한", ensure_ascii=False)


@program
def structs_and_arrays():
    a = array("i", range(30))
    a.extend([1, 2])
    a.append(3)
    a.insert(0, 9)
    return struct.pack("<ihq4sd", 1, 2, 3, b"ab", 1.5), struct.unpack(">2H", b"abcd"), a.tolist()[-4:], a.tobytes()[:4], list(struct.iter_unpack("B", b"xyz")), a[2:5], array("u", "aé").tounicode(), memoryview(a)[1:4].tolist()


@program
def dates():
    d = datetime(2024, 2, 29, 12, 30)
    return d + timedelta(days=366), d.isoformat(), d.strftime("%Y %j"), date.fromisoformat("2020-01-01") - date(2019, 1, 1), repr(d.timetuple()), str(timedelta(1, 2, 3)), d.replace(year=2020)


@program
def descriptors():
    class C:
        __slots__ = ("x",)
        method = lambda self: self.x
        static = staticmethod(lambda: 1)
        klass = classmethod(lambda cls: cls.__name__)
        cached = property(lambda self: self.x + 1, lambda self, value: setattr(self, "x", value))

    c = C()
    c.x = 4
    c.cached = 9
    bound = c.method
    return bound(), C.static(), C.klass(), c.cached, C.x.__get__(c), operator.attrgetter("x", "cached")(c), operator.methodcaller("method")(c), operator.itemgetter(1, 2)("abc"), getattr(c, "no", None), hasattr(c, "zz"), str(C.method)[:9]


@program
def context_managers():
    log = []

    @contextlib.contextmanager
    def manager(name):
        log.append("enter " + name)
        try:
            yield name
        finally:
            log.append("exit " + name)

    with contextlib.ExitStack() as stack:
        for name in "abc":
            stack.enter_context(manager(name))
        stack.callback(log.append, "callback")
    return log


@program
def pattern_matching():
    class Point:
        __match_args__ = ("x", "y")

        def __init__(self, x, y):
            self.x, self.y = x, y

    def look(value):
        match value:
            case [1, *rest]:
                return rest
            case {"k": v, **more}:
                return v, more
            case Point(0, y=y):
                return y
            case str() | bytes() as text:
                return text
            case _:
                return None

    return [look(v) for v in ([1, 2, 3], {"k": 1, "z": 2}, Point(0, 5), "s", 4)]


@program
def data_classes():
    import dataclasses

    @dataclasses.dataclass(order=True)
    class D:
        a: int
        b: list = dataclasses.field(default_factory=list)

    return repr(D(1)), D(1) < D(2), dataclasses.asdict(D(3, [4]))


@program
def function_tools():
    @functools.lru_cache(maxsize=4)
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    @functools.singledispatch
    def show(x):
        return "object"

    show.register(int)(lambda x: "int")
    fib(20)
    return fib.cache_info(), functools.reduce(operator.add, range(10)), show(1), show(""), sorted("bca", key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b))), functools.partial(int, base=2)("101")


@program
def frames_and_tracing():
    events = []

    def trace(frame, event, arg):
        events.append(event)
        return trace

    def traced(x):
        y = x + 1
        return locals()

    sys.settrace(trace)
    try:
        traced(1)
    finally:
        sys.settrace(None)
    frame = sys._getframe()
    return len(events), frame.f_code.co_name, sorted(frame.f_locals)[:2], frame.f_back is not None


@program
def attributes_of_everything():
    names = []
    for kind in (int, str, list, dict, type, object, types.FunctionType):
        names.append(len(dir(kind)))
        names.append(len([getattr(kind, name, None) for name in dir(kind)]))
    return names


@program
def deep_nesting():
    a = []
    for _ in range(300):
        a = [a, {"x": (a,)}]
    del a
    b = ()
    for _ in range(300):
        b = (b,)
    return len(repr(b)), string.Template("$a ${b}").substitute(a=1, b=2)


@program
def trees_of_syntax():
    import ast

    tree = ast.parse("def f(a, b=1):\n    return [x + a for x in b]\n")
    return ast.dump(tree)[:60], ast.unparse(tree), ast.literal_eval("[1, {'a': (2,)}]"), eval(compile(ast.fix_missing_locations(ast.Expression(ast.Constant(5))), "", "eval"))


@program
def marshalled_code():
    import marshal

    data = marshal.dumps([1, 2.5, "é", (None, True), {1: b"x"}, 10**30, frozenset([1]), classes.__code__])
    return len(data) > 100, marshal.loads(data)[:-1]


@program
def contexts_of_variables():
    import contextvars

    variable = contextvars.ContextVar("variable", default=0)
    contexts = []
    for i in range(20):
        context = contextvars.copy_context()
        context.run(variable.set, i)
        contexts.append(context)
    return [context[variable] for context in contexts]
