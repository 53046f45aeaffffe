"""More programs for allocations that fail, as `programs.py` has them: what the library's modules in Rust and the less travelled types allocate."""
import _asyncio
import _thread
import array
import atexit
import binascii
import bisect
import calendar
import codecs
import collections
import contextvars
import csv
import datetime
import functools
import gc
import hashlib
import heapq
import importlib.machinery
import importlib.util
import io
import itertools
import json
import math
import operator
import os
import pickle
import random
import re
import shutil
import statistics
import string
import struct
import sys
import tempfile
import time
import tracemalloc
import types
import unicodedata
import weakref
import zlib

from programs import PROGRAMS, program

__all__ = ["PROGRAMS"]

# One folder for all attempts: without memory none could be removed.
FOLDER = tempfile.mkdtemp()
atexit.register(shutil.rmtree, FOLDER)


@program
def regex_engine():
    text = "The year 2024-05-17, or 17.5.2024; x=1, yy=22 ÄÖÜ straße 한국 " * 4
    words = re.compile(r"\b(?P<first>\w)(?P<rest>\w*)\b")
    nested = re.compile(r"((a|b)*c)*d")
    scanner = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"\w+", lambda s, t: t), (r"\W+", None)])
    return (
        [m.groupdict() for m in words.finditer(text)][:3], re.findall(r"(\d+)[-.](\d+)[-.](\d+)", text)[:2], nested.match("abcabcd").regs, re.split(r"(\W)", text)[:9],
        re.sub(r"(?P<k>\w+)=(?P<v>\d+)", r"\g<v>:\g<k>", text)[:60], re.sub(rb"\d", lambda m: m[0] * 2, b"a1b2"), scanner.scan("ab 12 cd")[0], words.search(text, 4, 9).span(),
        re.match(r"(?:(x)|(y))*", "xyx").groups(), words.pattern, repr(words.match("abc")), words.fullmatch("ab").expand(r"\2\1"), re.findall("(?i)ß|SS", text)[:2],
    )


@program
def regex_sources():
    """The compiler of patterns, its cache emptied before and after."""
    answers = []
    for pattern in (r"[a-z0-9_äöü]+?(?=x|y{2,3})", r"(?P<n>a)(?(n)b|c)(?P=n)", r"(?s:.)(?-i:[^\W\d]|\s)*(?<=ab)(?<!c)", r"(?>a+)b*+", "(a", "*", "[b-a]", r"(?P<1>a)", r"\8"):
        re.purge()
        try:
            answers.append((re.compile(pattern).groups, None))
        except re.error as error:
            answers.append((error.msg, error.pos))
    re.purge()
    return answers


@program
def json_both_ways():
    class Mine(dict):
        pass

    data = {"a": [1, 2.5, None, True, "é\n\"", "\U0001f600"], "b": {"c": {}, "d": [[], [[]]]}, "e": Mine(x=10**20), "f": (1, 2)}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2)
    wrong = []
    for bad in ("[1,", '{"a" 1}', '"\\u12"', "nul", '["a\n"]', "[1] 2"):
        try:
            json.loads(bad)
        except json.JSONDecodeError as error:
            wrong.append(str(error))
    return text, json.loads(text, object_pairs_hook=list), json.loads("[1e5, -0, 12345678901234567890]", parse_float=str), wrong, "".join(json.JSONEncoder().iterencode(data)), json.loads(b'{"k": "\\ud83d\\ude00"}')


class Kept:
    """What a pickle leads to by name."""

    def __init__(self, value):
        self.value = value

    def __reduce_ex__(self, protocol):
        return Kept, (self.value,), {"more": [self.value]}, None, None

    def __eq__(self, other):
        return vars(self) == vars(other)


class Slotted:
    __slots__ = ("a", "b")


@program
def pickles_of_all_protocols():
    slotted = Slotted()
    slotted.a = [1]
    cycle = [1]
    cycle.append(cycle)
    data = [1, -(10**30), 2.5, "text", "é" * 300, b"bytes", bytearray(b"ba"), (), (1,), (1, 2, 3, 4), {1: 2, "k": [3]}, {4, 5}, frozenset([6]), None, True, len, Kept, Kept(7), 1j, ..., range(3), cycle]
    answers = []
    for protocol in range(6):
        blob = pickle.dumps([*data, slotted] if protocol > 1 else data, protocol)
        back = pickle.loads(blob)
        answers.append((len(blob) > 500, back[:10], back[17].more, back[21][1] is back[21], back[-1] is not slotted))
    buffers = []
    blob = pickle.dumps(pickle.PickleBuffer(b"out of band" * 9), 5, buffer_callback=buffers.append)
    out = io.BytesIO()
    pickler = pickle.Pickler(out)
    for item in ("a", ["a"], {"b": "a"}):
        pickler.dump(item)
    unpickler = pickle.Unpickler(io.BytesIO(out.getvalue()))
    return answers, bytes(pickle.loads(blob, buffers=buffers))[:9], [unpickler.load() for _ in range(3)]


@program
def structs():
    packer = struct.Struct("<bBhHiIqQfd5sp?n".replace("n", "x"))
    data = packer.pack(-1, 2, -3, 4, -5, 6, -7, 8, 1.5, 2.5, b"abc", b"", True)
    buffer = bytearray(40)
    struct.pack_into("!3H", buffer, 4, 1, 2, 3)
    return packer.unpack(data), list(struct.iter_unpack("<hh", bytes(12))), struct.unpack_from("!3H", buffer, 4), packer.format, struct.calcsize("@lq10s"), struct.unpack(">e", struct.pack(">e", 1.5))


@program
def arrays_of_all_types():
    answers = []
    for code in "bBhHiIlLqQfd":
        a = array.array(code, range(10))
        a.extend(array.array(code, [1, 2]))
        a.append(3)
        a[2:5] = a[::-1][:2]
        b = a * 2 + a
        a.insert(1, 5)
        a.byteswap()
        a.byteswap()
        answers.append((a.tolist(), len(b), b.count(3), a.tobytes()[:4], pickle.loads(pickle.dumps(a)) == a, a.index(5), a.pop()))
    u = array.array("u", "한국é")
    return answers, u.tounicode(), repr(u), array.array("d", [1.5]).buffer_info()[1], array.array("i", b"\1\0\0\0") * 3


@program
def deques():
    d = collections.deque()
    for i in range(200):
        d.append(i)
        d.appendleft(-i)
    d.rotate(33)
    e = d.copy() + collections.deque("abc", 2)
    d.remove(5)
    d.insert(7, "x")
    d *= 2
    d.reverse()
    bounded = collections.deque(d, 10)
    bounded.extendleft(range(15))
    return len(d), d.index("x"), len(e), list(bounded), d[100], d.count(9), bounded == collections.deque(reversed(bounded)), repr(bounded), pickle.loads(pickle.dumps(bounded)) == bounded


@program
def ordered_dicts():
    o = collections.OrderedDict((str(i), i) for i in range(60))
    for i in range(0, 60, 3):
        o.move_to_end(str(i), last=i % 2 == 0)
    del o["7"]
    o["new"] = [1]
    o.update(a=1)
    p = o | {"z": 26}
    first, last = o.popitem(last=False), o.popitem()
    return first, last, list(reversed(o))[:4], o == p, list(p.items())[-2:], o.pop("5"), o.setdefault("s", 4), len(o.copy()), repr(collections.OrderedDict(a=1)), list(o.keys())[:3]


@program
def views_of_dicts():
    d = {i: str(i) for i in range(40)}
    keys, items = d.keys(), d.items()
    return sorted(keys & range(5)), len(keys | "abc"), sorted(keys ^ range(38, 44)), len(items - [(1, "1")]), keys.isdisjoint([100]), list(reversed(d.values()))[:3], repr(types.MappingProxyType({1: 2})), dict(zip(keys, items))[5], list(d.keys().mapping)[:2], items >= {(3, "3")}


@program
def generators_in_depth():
    def tree(depth):
        if depth:
            yield from tree(depth - 1)
            got = yield depth
            yield from (got, *(x for x in tree(depth - 1)))

    def catches():
        while True:
            try:
                yield 1
            except KeyError as error:
                yield str(error)
            except GeneratorExit:
                return

    g = catches()
    answer = [next(g), g.throw(KeyError("a")), next(g), g.gi_frame.f_lineno > 0, g.gi_yieldfrom]
    g.close()
    return answer, list(tree(4)), g.gi_frame


class Loop:
    """As much of an event loop as futures and tasks need."""

    def __init__(self):
        self.ready = collections.deque()

    def call_soon(self, callback, *arguments, context=None):
        self.ready.append((callback, arguments, context))

    def call_exception_handler(self, context):
        if "exception" in context:
            raise context["exception"]

    def get_debug(self):
        return False

    def run(self):
        while self.ready:
            callback, arguments, context = self.ready.popleft()
            callback(*arguments) if context is None else context.run(callback, *arguments)


@program
def tasks_and_futures():
    variable = contextvars.ContextVar("variable", default=0)
    loop = Loop()
    log = []
    all_tasks = []

    class Turn:
        def __await__(self):
            yield

    async def child(n, future):
        variable.set(n)
        await Turn()
        if n == 3:
            future.set_result("done")
        return n + variable.get() + len(await future)

    async def main():
        future = _asyncio.Future(loop=loop)
        future.add_done_callback(lambda f: log.append(f.result()))
        tasks = [_asyncio.Task(child(n, future), loop=loop, name=f"t{n}") for n in range(4)]
        cancelled = _asyncio.Task(child(9, future), loop=loop)
        await Turn()
        cancelled.cancel("enough")
        all_tasks.extend([*tasks, cancelled])
        results = [await task for task in tasks]
        return results, cancelled.cancelled()

    # References to tasks that died while the set could not be told.
    _asyncio._all_tasks.clear()
    before = _asyncio._get_running_loop()
    _asyncio._set_running_loop(loop)
    try:
        task = _asyncio.Task(main(), loop=loop)
        loop.run()
        # What ended a task that nobody could wait for.
        for each in all_tasks:
            if each.done() and not each.cancelled():
                each.result()
        return task.result(), log
    finally:
        _asyncio._set_running_loop(before)


@program
def async_iteration():
    async def numbers(n):
        try:
            for i in range(n):
                yield i
        finally:
            await Nothing()

    class Nothing:
        def __await__(self):
            return iter(())

    class Manager:
        async def __aenter__(self):
            return 5

        async def __aexit__(self, kind, error, traceback):
            return kind is ZeroDivisionError

    async def main():
        async with Manager() as five:
            found = [x async for x in numbers(five) if x % 2]
            stream = numbers(3)
            first = await stream.__anext__()
            await stream.aclose()
            1 / 0
        return found, first, {x: y async for x in numbers(2) async for y in numbers(2)}

    try:
        main().send(None)
    except StopIteration as stop:
        return stop.value


@program
def slots_and_layouts():
    class A:
        __slots__ = ("x", "__weakref__")

    class B(A):
        __slots__ = {"y": "documented"}

    class C(B):
        pass

    class D(int):
        __slots__ = ()

    class E(tuple):
        def __new__(cls, *items):
            return super().__new__(cls, items)

    c = C()
    c.x, c.y, c.z = 1, [2], {3}
    r = weakref.ref(c)
    c.__class__ = type("Other", (B,), {"later": 1})
    e = E(1, 2)
    e.named = "n"
    try:
        type("Bad", (int, str), {})
    except TypeError as error:
        wrong = str(error)
    return c.x, c.y, c.z, c.later, r() is c, D(5) + 1, e, vars(e), wrong, B.y.__doc__, [k.__name__ for k in type(c).__mro__][1:]


@program
def classes_change():
    class Meta(type):
        def __getattr__(cls, name):
            return f"{cls.__name__}.{name}"

        def __instancecheck__(cls, instance):
            return instance == 5

    class Base(metaclass=Meta):
        def method(self):
            return "base"

    classes = [type(Base)(f"K{i}", (Base,), {"number": i, "__slots__": () if i % 2 else ("s",)}) for i in range(6)]
    before = [k().method() for k in classes]
    Base.method = lambda self: "changed"
    after = [k().method() for k in classes]
    classes[1].__bases__ = (classes[3],)
    return before, after, Base.nothing, isinstance(5, Base), classes[1].number, len(Base.__subclasses__()), [k.__name__ for k in classes[1].__mro__], type.mro(classes[2])[1].__name__


@program
def errors_in_chains():
    def deep(n):
        try:
            if n:
                deep(n - 1)
            [][n]
        except IndexError as error:
            error.add_note(f"at {n}")
            raise ValueError(n) from error

    import traceback

    try:
        deep(5)
    except ValueError as error:
        text = "".join(traceback.format_exception(error))
        notes = []
        while error is not None:
            notes += getattr(error, "__notes__", [])
            error = error.__context__
    group = ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [TypeError(2), OSError(2, "no", "file")])])
    match, rest = group.split(OSError)
    return text.count("During") + text.count("The above"), notes, repr(match), repr(rest), str(group.subgroup(TypeError).exceptions), repr(group.derive([KeyError()]))


SOURCE = '''
"""A module."""
from dataclasses import dataclass as made
LIMIT: int = 3
@made
class Point:
    x: int
    y: int = LIMIT
def area(*points):
    return sum(p.x * p.y for p in points)
result = area(Point(1), Point(2, 5))
'''


@program
def modules_from_source():
    import dataclasses

    path = os.path.join(FOLDER, "fault_probe.py")
    with open(path, "w") as file:
        file.write(SOURCE)
    loader = importlib.machinery.SourceFileLoader("fault_probe", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fault_probe", loader))
    sys.modules["fault_probe"] = module
    try:
        loader.exec_module(module)
    finally:
        sys.modules.pop("fault_probe", None)
        sys.path_importer_cache.pop(FOLDER, None)
    return module.result, repr(module.Point(1)), module.__doc__, dataclasses.astuple(module.Point(4))


@program
def large_sources():
    lines = []
    for i in range(12):
        lines += [f"def f{i}(a, b={i}, *c, **d):", f"    '''number {i}'''", f"    x = [a + {i}.5, {{'k{i}': b'{i}', **d}}, (1, {i}, 'a' 'b')]", "    for y in x:", "        try:", "            if y: yield y", "        except (KeyError, OSError) as e: raise", "        finally: y = None", f"    return f'{{x!r:>{i}}}' if a else lambda z: z[a:b:{i}]"]
    code = compile("\n".join(lines), "large", "exec", dont_inherit=True)
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return len(inner), len(code.co_names), sum(len(c.co_code) for c in inner), len(list(inner[5].co_positions())), inner[7].co_consts[0]


@program
def formats():
    class Mine:
        def __format__(self, spec):
            return f"<{spec}>"

    values = (0, -1, 255, 10**25, 1.5, -0.0, 1e300, float("inf"), 1 + 2j, "é한", True)
    specs = ("", ">12", "^12", "*<12")
    answers = [format(value, spec) for value in values for spec in specs]
    return (
        answers, f"{Mine():abc}", "{:,} {:_x} {:#b} {:e} {:%} {:+.3g} {:c}".format(10**9, 2**40, 5, 1.5, 0.25, 3.14159, 233), "%08.3f|%-8s|%+d|%#o|%c|%r|%a" % (1.5, "é", 5, 8, "x", "ü", "ü"),
        "%(a)s %(b)05d" % {"a": [1], "b": 42}, "{0[k]} {1.real:>{2}}".format({"k": 1}, 5, 10), string.Formatter().vformat("{a} {0}", (1,), {"a": 2}), "x".join(map(str, range(50))), str(b"a\xff", "latin-1"), "%s" % ((1, 2),),
    )


@program
def texts_of_all_kinds():
    kinds = ("ascii", "latiné", "한국어", "\U0001f600\U0001f601")
    answers = []
    for text in kinds:
        long = text * 30
        answers.append((
            long.upper()[:9], long.swapcase()[-5:], long.find(text[-1], 5), long.replace(text[0], "<>")[:9], long.split(text[1])[:3], long.rpartition(text[1])[1:], long.encode("utf-8")[:9], long.encode("utf-16-le")[:6],
            long.ljust(300, text[0])[-3:], long.translate({ord(text[0]): "T", ord(text[1]): None})[:5], (long + "\udc80").encode("utf-8", "surrogateescape")[-1:], ascii(long)[:12], long.count(text), long[::-3][:4],
            sys.intern(text + "interned") is sys.intern(text + "interned"), (text + "\n" + long).splitlines(True)[0], text.maketrans("ab", "cd", "x"), unicodedata.normalize("NFKD", text), long.expandtabs(3)[:3],
        ))
    return answers


@program
def encodings():
    answers = []
    for name in ("utf-8", "utf-16", "utf-32-be", "latin-1", "ascii", "cp1252", "utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "shift_jis", "gb18030"):
        for errors in ("strict", "replace", "backslashreplace"):
            try:
                data = "aé한".encode(name, errors)
                answers.append((data, data.decode(name, errors)))
            except UnicodeError as error:
                answers.append(type(error).__name__)
    decoder = codecs.getincrementaldecoder("utf-8")()
    answers.append([decoder.decode(bytes([byte])) for byte in "é한".encode()])
    reader = codecs.getreader("utf-8")(io.BytesIO("zeile é\nzwei".encode()))
    answers.append(reader.readlines())
    answers.append((codecs.encode(b"abc", "hex"), codecs.decode("nop", "rot13"), codecs.charmap_encode("ab", "strict", {97: 65, 98: 121})))
    return answers


@program
def streams_of_bytes():
    raw = io.BytesIO(b"line one\nline two\n" * 200)
    buffered = io.BufferedReader(raw, 64)
    answer = [buffered.peek(5)[:4], buffered.read(10), buffered.readline(), buffered.read1(300)[:5], buffered.seek(20), buffered.readinto(bytearray(30)), len(buffered.readlines(100)), len(buffered.read())]
    out = io.BytesIO()
    writer = io.BufferedWriter(out, 16)
    for i in range(40):
        writer.write(b"%d," % i)
    writer.flush()
    answer.append(out.getvalue()[-9:])
    both = io.BufferedRandom(io.BytesIO(b"0123456789" * 9), 8)
    both.seek(5)
    both.write(b"abc")
    both.seek(0)
    answer += [both.read(12), out.getbuffer()[2:4].tobytes(), out.truncate(3), io.BytesIO(b"a\nb").readlines()]
    return answer


@program
def streams_of_text():
    out = io.BytesIO()
    text = io.TextIOWrapper(out, "utf-8", newline="\r\n", write_through=True)
    print("é", 1, [2], sep="|", file=text)
    text.writelines(["a\n", "b\n"] * 30)
    text.flush()
    data = out.getvalue()
    reader = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=None)
    answer = [data[:9], reader.readline(), reader.read(3), reader.tell() > 0, len(reader.read())]
    string = io.StringIO("x\r\ny\rz", newline=None)
    answer += [string.readlines(), string.newlines, string.seek(0), string.write("é"), string.getvalue(), string.truncate(2)]
    decoder = io.IncrementalNewlineDecoder(None, True)
    answer += [decoder.decode("a\r"), decoder.decode("\nb"), decoder.newlines]
    reader.detach()
    text.detach()
    return answer


@program
def files_of_text():
    path = os.path.join(FOLDER, "file")
    with open(path, "w", encoding="utf-8", buffering=1) as file:
        for i in range(30):
            file.write(f"line {i} é\n")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file]
    with open(path, "r+b", buffering=0) as file:
        start, size = file.read(6), file.seek(0, 2)
    with os.scandir(FOLDER) as entries:
        names = [(entry.name, entry.is_file(), entry.stat().st_size) for entry in entries if entry.name == "file"]
    return lines[-1], len(lines), start, size, names, "file" in os.listdir(FOLDER), os.path.splitext(path)[1], os.fspath(path) == path


@program
def references_that_call_back():
    # Finalizers that could not be called when their object died stay registered.
    weakref.finalize._registry.clear()
    log = []

    class Node:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            log.append(self.name)

    nodes = [Node(i) for i in range(6)]
    references = [weakref.ref(node, lambda r, n=n: log.append(-n)) for n, node in enumerate(nodes)]
    finalizers = [weakref.finalize(node, log.append, "f") for node in nodes[:2]]
    proxies = [weakref.proxy(node, log.append) for node in nodes[4:]]
    names = [proxy.name for proxy in proxies]
    del proxies
    del nodes[::2]
    finalizers[1].detach()
    nodes[0].me = nodes
    del nodes
    gc.collect()
    return log, names, [r() for r in references], finalizers[0].alive, weakref.getweakrefcount(Node), len(weakref.getweakrefs(Node)) > 0


@program
def traces_of_memory():
    tracemalloc.start(3)
    try:
        kept = [bytes(100) for _ in range(20)]
        taken = tracemalloc.take_snapshot()
        more = [str(i) for i in range(1000, 1040)]
        again = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)])
        where = tracemalloc.get_object_traceback(kept[3])
        top = again.compare_to(taken.filter_traces([tracemalloc.Filter(True, __file__)]), "lineno")
        peak = tracemalloc.get_traced_memory()[1] > 2000
        tracemalloc.reset_peak()
        return len(where), where[-1].lineno > 0, any(s.count_diff >= 40 for s in top), peak, len(more), tracemalloc.get_tracemalloc_memory() > 0
    finally:
        tracemalloc.stop()


@program
def threads():
    """Threads without `threading`, where one that fails before it says that it started would be waited for without end."""
    lock = _thread.allocate_lock()
    done = []

    def work(n):
        with lock:
            done.append(n)

    before = _thread._count()
    try:
        for n in range(3):
            _thread.start_new_thread(work, (n,))
    finally:
        while _thread._count() > before:
            time.sleep(0.0002)
    return sorted(done), lock.locked()


@program
def contexts():
    """In a context of its own, in which a variable that was not reset leaves nothing behind."""
    return contextvars.Context().run(in_a_context)


def in_a_context():
    one, two = contextvars.ContextVar("one"), contextvars.ContextVar("two", default="d")
    token = one.set(1)
    context = contextvars.copy_context()

    def inside():
        two.set("inner")
        inner = one.set(5)
        one.reset(inner)
        return one.get(), two.get(), len(contextvars.copy_context()) - len(context)

    answer = context.run(inside)
    one.reset(token)
    return answer, two.get(), one.get("none"), context[two], repr(token.old_value is token.MISSING), two in context, len(list(context.items())) - len(list(context.keys()))


@program
def itertools_of_all_kinds():
    a, b, c = itertools.tee(range(100), 3)
    groups = [(k, len(list(g))) for k, g in itertools.groupby(sorted("mississippi"))]
    cycle = itertools.cycle("abc")
    return (
        groups, [next(cycle) for _ in range(7)], sum(a) == sum(b), next(c), list(itertools.batched("ab", 2)) if hasattr(itertools, "batched") else None, list(itertools.islice(itertools.repeat("x"), 3)),
        list(itertools.takewhile(lambda x: x < 3, itertools.count())), list(itertools.dropwhile(lambda x: x < 8, range(10))), list(itertools.filterfalse(lambda x: x % 3, range(10))),
        list(itertools.chain.from_iterable([[1], (2, 3)])), len(list(itertools.product(range(3), repeat=3))), list(itertools.permutations("abc", 2))[-1], list(itertools.combinations("abcd", 3))[1],
        list(itertools.combinations_with_replacement("ab", 3)), list(itertools.accumulate([3, 1, 2], max)), list(itertools.zip_longest([1], "ab", fillvalue=0)), list(itertools.starmap(operator.mul, [(2, 3)])),
        list(itertools.compress(range(6), itertools.cycle([1, 0]))), list(itertools.pairwise(range(4))), list(zip(range(3), "abc", strict=True)), list(map(max, [1, 5], [3, 2])), pickle.loads(pickle.dumps(itertools.count(5, 2))),
    )[:-1]


@program
def caches_of_functions():
    calls = []

    @functools.lru_cache(maxsize=3)
    def bounded(a, *, b=1):
        calls.append(a)
        return [a, b]

    @functools.cache
    def unbounded(n):
        return n if n < 2 else unbounded(n - 1) + unbounded(n - 2)

    class C:
        @functools.cached_property
        def value(self):
            return [1]

        @functools.partialmethod
        def part(self):
            return 2

        @functools.singledispatchmethod
        def show(self, x):
            return "object"

        @show.register
        def _(self, x: int):
            return "int"

    bounded.__wrapped__(0)
    answers = [bounded(i % 5, b=i % 2) for i in range(12)]
    c = C()
    info = bounded.cache_info()
    bounded.cache_clear()
    return len(calls) > 5, answers[-1], info.currsize, unbounded(25), c.value is c.value, c.show(1), c.show(""), functools.reduce(operator.or_, [{1: 2}, {3: 4}]), functools.partial(functools.partial(int, base=2), "11")()


@program
def dates_and_times():
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30), "IST")
    moment = datetime.datetime(2024, 2, 29, 13, 14, 15, 161718, zone)
    return (
        moment.isoformat(), moment.astimezone(datetime.timezone.utc).ctime(), moment.strftime("%Y %j %A %H:%M %z %Z"), datetime.datetime.fromisoformat("2024-05-06T07:08:09+01:00"), moment - datetime.timedelta(days=1.5),
        datetime.date(2024, 12, 30).isocalendar(), repr(datetime.time(1, 2, 3, 4)), str(datetime.timedelta(days=-1, seconds=5) * 3 / 2), pickle.loads(pickle.dumps(moment)) == moment, moment.timetuple()[:6],
        datetime.date.fromisocalendar(2020, 53, 7), moment.replace(year=2028), datetime.datetime.combine(datetime.date(1, 1, 1), datetime.time.max), calendar.monthrange(2024, 2), divmod(datetime.timedelta(1), datetime.timedelta(seconds=7)),
        time.strftime("%Y", time.gmtime(0)), datetime.datetime.strptime("2024-01-02", "%Y-%m-%d") > datetime.datetime.min,
    )


@program
def sorts():
    words = [str(i * 7919 % 1009) for i in range(400)]
    pairs = [(w[0], i) for i, w in enumerate(words)]
    data = words[:]
    data.sort(key=len)
    heap = []
    for word in words[:60]:
        heapq.heappush(heap, word)
    return (
        sorted(words)[:3], sorted(pairs)[200], sorted(pairs, key=operator.itemgetter(1), reverse=True)[0], data[-3:], sorted([1.5, -2, 10**20, True]), [heapq.heappop(heap) for _ in range(5)], list(heapq.merge([1, 3], [2, 4], key=lambda x: x)),
        heapq.nlargest(3, words, key=int), bisect.bisect(sorted(words), "5"), max(words, key=len), sorted(map(set, ["bb", ""]), key=len), sorted(words, key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b)))[:2],
    )


@program
def huge_integers():
    a = 7**12000
    b = a * a + 12345
    text = hex(b)
    return (
        len(text), int(text, 16) == b, b // a == a, b % a, math.isqrt(b) == a, (a << 5000) >> 4990 == a << 10, math.gcd(b, a * 6), (a ^ b).bit_count(), pow(a, 65537, 10**60), divmod(-b, a)[1] == a - 12345, len(str(a >> 30000)),
        int.from_bytes(a.to_bytes(5000, "little"), "little") == a, math.comb(300, 150) % 1009, math.factorial(300) % 10**9, hash(b), float(a >> 33000), f"{a >> 33000:,}"[:12], int("1" * 4000) % 97,
    )


@program
def memory_views():
    base = bytearray(range(48))
    view = memoryview(base)
    cast = view.cast("I", (3, 4))
    part = view[4:40:3]
    part[0] = 200
    answer = (
        cast.tolist()[0][:2], cast[1, 2], part.tolist()[:4], part.tobytes()[:3], view[:8].hex("-"), cast.shape, cast.strides, part == bytes(part), hash(memoryview(b"abc")) == hash(b"abc"), bytes(view[::-1])[:3],
        view.cast("B").cast("d")[0] == 0, list(reversed(memoryview(b"xyz"))), memoryview(array.array("h", [1, 2])).tolist(), cast.nbytes, view.toreadonly().readonly, view[2:4].obj is base,
    )
    for each in (cast, part, view):
        each.release()
    return answer


@program
def check_sums_and_compression():
    data = b"some bytes to be squeezed " * 40
    squeezer = zlib.compressobj(9)
    squeezed = squeezer.compress(data) + squeezer.flush()
    expander = zlib.decompressobj()
    digest = hashlib.sha256(data)
    digest.update(b"more")
    copy = digest.copy()
    return expander.decompress(squeezed, 100)[:9], len(expander.unconsumed_tail) > 0, zlib.decompress(squeezed) == data, zlib.crc32(data), digest.hexdigest()[:8], copy.digest()[:4], hashlib.md5(data).hexdigest()[:8], binascii.b2a_base64(data[:30]), binascii.unhexlify("00ff"), hashlib.blake2b(data, digest_size=8).hexdigest()


@program
def tables_of_text():
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([[1, "a,b", 'q"q'], [2.5, "é\n", None]])
    rows = list(csv.reader(io.StringIO(out.getvalue()), quoting=csv.QUOTE_NONNUMERIC))
    named = list(csv.DictReader(io.StringIO("a;b\n1;2\n3\n"), delimiter=";"))
    return out.getvalue(), rows, named, csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter


@program
def numbers():
    generator = random.Random(5)
    values = [generator.random() for _ in range(50)]
    shuffled = list(range(20))
    generator.shuffle(shuffled)
    return (
        shuffled[:4], generator.getrandbits(200) % 97, generator.sample(range(1000), 3), generator.choices("abc", k=4), math.fsum(values) == math.fsum(reversed(values)), statistics.median(values) == sorted(values)[25], math.prod(range(1, 30)) % 1009, math.hypot(3, 4, 12),
        math.dist((1, 2), (4, 6)), round(math.gamma(5.5), 6), (1.1).as_integer_ratio(), complex("1e3-2j") ** 2, (10**30) / (10**20 + 1) > 1, [round(10 * value, 2) for value in (2.675, 1.005)], generator.getstate()[0],
    )


@program
def inspecting():
    def function(a, /, b: int, *args, c=[1], **kwargs) -> str:
        return a

    frame = sys._getframe()
    gc.get_objects(generation=0)
    one = [function]
    referrers = [r for r in gc.get_referrers(function) if r is one]
    code = function.__code__.replace(co_name="renamed", co_consts=(None, "x"))
    made = types.FunctionType(code, {"g": 1}, "made", (5,), None)
    return (
        function.__annotations__, function.__kwdefaults__, len(referrers), made.__name__, made.__defaults__, frame.f_lineno > 0, sorted(frame.f_locals)[:2], len(gc.get_referents(one)), sys.getsizeof(one), len(list(code.co_lines())) > 0, types.SimpleNamespace(a=1, b=[2]),
        repr(list[int] | None), types.GenericAlias(dict, (str, int)).__args__, function.__code__ == code, dir(one)[:2], vars(types.SimpleNamespace(x=1)), sys.getrefcount(frame) > 1, code.co_positions().__class__.__name__,
    )
