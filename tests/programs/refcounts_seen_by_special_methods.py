"""Special methods see as many references to their object and their arguments as in CPython, whoever calls them.

Counts of arguments that the interpreter shares (numbers, names, None) are left out. Not here, because Habu holds one reference more for as long as Python
code may run: an item of a list, set or deque whose repr or `<` is asked for, parts of slices, sequences under iterators and reversed(), callables that
iterators and partial objects call. One or two fewer are those that CPython's tuple of arguments holds where a class is called that Habu calls without.
"""
import copy
import collections
import functools
import gc
import io
import itertools
import math
import operator
import os
import pickle
import re
import reprlib
import string
import sys
import weakref

count = sys.getrefcount
seen = []


def note(name, *counts):
    seen.append(f"{name} {' '.join(map(str, counts))}")


class Argument:
    def __init__(self, value=1):
        self.value = value


RESULTS = {
    "__repr__": "'r'", "__str__": "'s'", "__bytes__": "b'b'", "__format__": "'f'", "__hash__": "5", "__bool__": "True", "__len__": "2", "__length_hint__": "2",
    "__int__": "3", "__float__": "1.5", "__complex__": "1j", "__index__": "1", "__contains__": "True", "__dir__": "['a']", "__fspath__": "'path'", "__sizeof__": "32",
    "__instancecheck__": "True", "__subclasscheck__": "True", "__exit__": "True", "__set__": "None", "__delete__": "None", "__setitem__": "None", "__delitem__": "None",
    "__setattr__": "None", "__delattr__": "None", "__iter__": "iter([1])", "__reversed__": "iter([1])", "__next__": "7", "__init__": "None",
    "__lt__": "True", "__le__": "True", "__gt__": "True", "__ge__": "True", "__eq__": "True", "__ne__": "True", "__missing__": "8",
    "__reduce_ex__": "(int, ())", "__mro_entries__": "()", "__set_name__": "None", "__init_subclass__": "None",
    "__await__": "iter([])", "__aiter__": "self", "__anext__": "Ready()", "__aenter__": "Ready()", "__aexit__": "Ready()",
}
ARITIES = {
    1: "repr str bytes hash bool len length_hint int float complex index dir fspath sizeof iter reversed next neg pos abs invert enter trunc floor ceil copy await aiter anext aenter".split(),
    2: "format contains getitem delitem missing getattr delattr lt le gt ge eq ne add sub mul matmul truediv floordiv mod divmod lshift rshift and or xor radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod "
       "rlshift rrshift rand ror rxor iadd isub imul imatmul itruediv ifloordiv imod ilshift irshift iand ior ixor pow rpow ipow round deepcopy reduce_ex delete instancecheck subclasscheck mro_entries".split(),
    3: "setitem setattr get set set_name".split(),
    4: "exit aexit".split(),
}


class Ready:
    def __await__(self):
        return iter(())


def counted(name):
    return "count(self)" if name == "self" else f"count({name}) if isinstance({name}, Argument) else '-'"


def method(name, arity):
    name = f"__{name}__"
    names = ["self", "a", "b", "c"][:arity]
    defaults = "=None" if name == "__round__" else ""
    source = f"def {name}({', '.join(names)}{defaults}):\n    note('{name}', {', '.join(counted(n) for n in names)})\n    return {RESULTS.get(name, '4')}"
    space = {}
    exec(source, globals(), space)
    return space[name]


METHODS = {f"__{name}__": method(name, arity) for arity, names in ARITIES.items() for name in names}


def probe(*names, base=object, **more):
    """An instance of a class with these special methods."""
    cls = type("Probe", (base,), {f"__{n}__": METHODS[f"__{n}__"] for n in names} | more)
    return cls() if base is not type else cls


def show(label):
    print(label, "|", "; ".join(seen))
    seen.clear()


def expressions(names, sources, arguments=("y = Argument()",), base=object):
    """Runs each source with x a probe: as a module, in a function (often enough that instructions specialise), and with x a temporary."""
    for source in sources:
        space = globals() | {"x": probe(*names, base=base)}
        for line in arguments:
            exec(line, space)
        code = compile(source, "s", "exec")
        attempt(lambda: exec(code, space))
        show(f"module {source!r}")
        body = "\n    ".join(source.split("\n"))
        exec("def local(x, y):\n    " + body, space)
        repeated(space["local"], space["x"], space.get("y"))
        show(f"local {source!r}")
        if re.fullmatch(r"[^=x]*\bx\b[^=x]*", source) and not source.startswith(("with", "for", "async", "del")):
            exec("def temporary(cls, y):\n    " + re.sub(r"\bx\b", "cls()", body), space)
            repeated(space["temporary"], type(space["x"]), space.get("y"))
            show(f"temporary {source!r}")


def repeated(function, *arguments):
    for _ in range(12):
        seen.clear()
        attempt(lambda: function(*arguments))


def attempt(call):
    try:
        call()
    except Exception as error:
        seen.append(f"{type(error).__name__}: {error}"[:80])


binary = {"add": "+", "sub": "-", "mul": "*", "matmul": "@", "truediv": "/", "floordiv": "//", "mod": "%", "lshift": "<<", "rshift": ">>", "and": "&", "or": "|", "xor": "^", "pow": "**"}
for name, sign in binary.items():
    suffix = "_" if name in ("and", "or") else ""
    expressions([name], [f"x {sign} y", f"operator.{name}{suffix}(x, y)", f"x.__{name}__(y)", f"type(x).__{name}__(x, y)"])
    expressions(["r" + name], [f"y {sign} x", f"1 {sign} x", f"operator.{name}{suffix}(y, x)", f"'a' {sign} x", f"[] {sign} x"])
    expressions(["i" + name], [f"x {sign}= y", f"operator.i{name}(x, y)"])
    expressions([name], [f"x {sign}= y"])
expressions(["divmod", "rdivmod"], ["divmod(x, y)", "divmod(y, x)"])
expressions(["pow"], ["pow(x, y)", "pow(x, y, 3)"])
for name, sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    expressions([name], [f"x {sign} y", f"y {sign} x", f"operator.{name}(x, y)", f"if x {sign} y: pass", f"1 {sign} x", f"x {sign} y {sign} x"])
expressions(["eq"], ["x != y", "x in [y]", "y in [x]", "[y].index(x)", "[y].count(x)", "(y,) == (x,)", "[x] == [y]", "{1: x} == {1: y}", "x in (y,)", "[x].remove(y)", "collections.deque([x]).count(y)", "(x,) != (y,)", "slice(x) == slice(y)"])
expressions(["lt"], ["sorted([x, y])", "sorted([y, x])", "min(x, y)", "max(y, x)", "[x, y].sort()", "sorted([x, y], key=lambda a: a)", "(x,) < (y,)", "__import__('heapq').heappush([x], y)", "__import__('bisect').bisect([x], y)"])
expressions(["neg", "pos", "abs", "invert"], ["-x", "+x", "~x", "abs(x)", "operator.neg(x)", "operator.invert(x)"])
expressions(["repr", "str"], ["repr(x)", "str(x)", "f'{x}'", "f'{x!r}'", "f'{x!s}'", "f'{x!a}'", "'%s' % (x,)", "'%r' % (x,)", "'%s' % x", "'{}'.format(x)", "'{!r}'.format(x)", "ascii(x)", "repr({1: x})", "repr((x,))", "print(x, file=io.StringIO())", "''.join(map(str, [x]))", "'{0!s:>3}'.format(x)", "reprlib.repr(x)", "str(ValueError(x))", "repr(ValueError(x))", "repr({x: 1})", "string.Formatter().format('{}', x)"])
expressions(["repr"], ["str(x)", "f'{x}'", "'%s' % (x,)", "str(KeyError(x))", "repr(functools.partial(int, x))"])
expressions(["format"], ["format(x)", "format(x, 'abc')", "f'{x}'", "f'{x:abc}'", "'{}'.format(x)", "'{:abc}'.format(x)", "'{a}'.format(a=x)", "'{a}'.format_map({'a': x})", "x.__format__('')"])
expressions(["bytes"], ["bytes(x)", "b'%b' % x", "b'%b' % (x,)"])
expressions(["hash", "eq"], ["hash(x)", "{x: y}", "{x}", "{y: x}", "{x: 1, y: 2}", "{1: y}.get(x)", "x in {1: 2}", "x in {1, 2}", "d = {}; d[x] = y", "d = {}; d.setdefault(x, y)", "set([x])", "frozenset([x])", "dict([(x, y)])", "dict.fromkeys([x])", "hash((x,))", "hash((1, x))", "{**{1: 2}, x: y}", "{a: y for a in [x]}", "{a for a in [x]}", "s = set(); s.add(x)", "set().discard(x)", "{1: 2}.pop(x, None)", "d = collections.OrderedDict(); d[x] = y", "d = collections.defaultdict(list); d[x]", "collections.Counter([x])", "{5: 1}.get(x)", "{5: 1}[x]", "weakref.WeakKeyDictionary({x: 1})", "hash(weakref.ref(x))", "hash(functools.partial)", "hash(frozenset([x]))", "hash(slice)", "set([1, 2]) | {x}", "{1, 2}.isdisjoint([x])", "{x, y}", "{x: y, y: x}", "{x: y, **{}}", "d = {}; d.update({x: y})", "d = {}; d.update([(x, y)])", "x.__hash__()", "set().union([x])", "{**{x: y}}", "{*[x]}"])
expressions(["bool"], ["bool(x)", "not x", "if x: pass", "x and y", "x or y", "1 if x else 2", "while x: break", "all([x])", "any([x])", "list(filter(None, [x]))", "assert x", "operator.truth(x)", "operator.not_(x)", "[a for a in [x] if a]", "list(itertools.filterfalse(None, [x]))", "list(itertools.compress([1], [x]))", "list(itertools.takewhile(lambda a: a, [x]))"])
expressions(["len"], ["len(x)", "bool(x)", "not x", "if x: pass", "operator.length_hint(x)", "x.__len__()", "while x: break"])
expressions(["length_hint", "iter"], ["operator.length_hint(x)", "list(x)", "tuple(x)", "bytes(x)", "[].extend(x)"])
expressions(["int", "float", "complex", "index", "trunc", "floor", "ceil", "round"], ["int(x)", "float(x)", "complex(x)", "operator.index(x)", "[1, 2][x]", "'ab'[x]", "hex(x)", "bin(x)", "chr(x)", "range(x)", "round(x)", "round(x, 2)", "math.trunc(x)", "math.floor(x)", "math.ceil(x)", "math.sqrt(x)", "'%d' % x", "'%d' % (x,)", "'%f' % x", "'%x' % x", "[0] * x", "'ab' * x", "(1,) * x", "bytes(x)", "int('1', x)", "math.gcd(x, 4)", "x.__index__()", "__import__('struct').pack('i', x)", "[1, 2].pop(x)", "[1, 2].insert(x, y)", "'%c' % x", "math.factorial(x)", "(5).to_bytes(x, 'big')", "list(itertools.islice([1, 2], x))", "round(1.5, x)", "sum([1.5], x)", "math.hypot(x)", "bytearray(b'ab')[x]", "a = bytearray(b'ab'); a[0] = x", "a = [1, 2]; a[x] = y", "a = [1, 2]; del a[x]", "cmath_sqrt(x)", "'abc'.center(x)", "range(9)[x]", "memoryview(b'abc')[x]", "(1, 2)[x]"], arguments=("y = Argument()", "from cmath import sqrt as cmath_sqrt"))
expressions(["trunc"], ["int(x)", "math.trunc(x)"])
expressions(["index"], ["int(x)", "float(x)", "complex(x)", "'%d' % x"])
expressions(["contains"], ["y in x", "y not in x", "operator.contains(x, y)", "if y in x: pass", "x.__contains__(y)"])
expressions(["iter"], ["y in x", "iter(x)", "list(x)", "for i in x: pass", "a, = x", "[*x]", "(*x,)", "{*x}", "print(*x, file=io.StringIO())", "tuple(x)", "set(x)", "sum(x)", "max(x)", "sorted(x)", "zip(x)", "map(str, x)", "enumerate(x)", "list(zip(x, x))", "[i for i in x]", "(i for i in x)", "def f(): yield from x\nlist(f())", "itertools.chain(x)", "list(itertools.chain.from_iterable([x]))", "any(x)", "dict.fromkeys(x)", "functools.reduce(int, x)", "a, *b = x", "collections.deque(x)", "''.join(str(i) for i in x)", "[].extend(x)", "a = []; a += x", "a = [1]; a[:] = x", "filter(None, x)", "itertools.islice(x, 1)", "bytes(x)", "set().update(x)", "itertools.tee(x)", "itertools.cycle(x)", "itertools.product(x)", "min(x, default=1)", "frozenset(x)", "set().intersection(x)"])
expressions(["reversed"], ["reversed(x)", "list(reversed(x))"])
expressions(["next", "iter"], ["next(x)", "next(x, None)", "x.__next__()", "y in x"])
expressions(["getitem", "setitem", "delitem"], ["x[y]", "x[1]", "x['a']", "x[1:2]", "x[y] = y", "del x[y]", "operator.getitem(x, y)", "operator.setitem(x, y, y)", "operator.delitem(x, y)", "x[y, y]", "x[y] += 1", "operator.itemgetter(1)(x)", "operator.itemgetter(1, 2)(x)", "'{0[a]}'.format(x)", "x[1:2] = y", "del x[1:2]", "'%(a)s' % x", "x[...]", "x[1, 2] = y"])
expressions(["getitem", "len"], ["reversed(x)"])
expressions(["getitem", "missing"], ["dict.__getitem__(x, y)"], base=dict)
expressions(["missing"], ["x[y]", "x['k']", "dict.__getitem__(x, y)", "operator.getitem(x, y)", "'%(a)s' % x", "operator.itemgetter('k')(x)"], base=dict)
expressions(["getattr"], ["x.missing", "getattr(x, 'missing')", "getattr(x, 'missing', 1)", "hasattr(x, 'missing')", "x.method()", "operator.attrgetter('missing')(x)", "'{0.missing}'.format(x)", "x.missing += 1", "operator.methodcaller('zz')(x)", "object.__getattribute__(x, 'missing')", "x.__getattr__('u')", "copy.copy(x)"])
expressions(["setattr", "delattr"], ["x.a = y", "del x.a", "setattr(x, 'a', y)", "delattr(x, 'a')", "x.__setattr__('a', y)", "for x.a in [y]: pass"])
expressions(["dir"], ["dir(x)"])
expressions(["sizeof"], ["sys.getsizeof(x)", "sys.getsizeof(x, 1)", "x.__sizeof__()"])
expressions(["fspath"], ["os.fspath(x)", "os.path.join(x, 'a')", "os.path.exists(x)", "open(x, 'rb')", "os.stat(x)", "os.fsencode(x)"])
expressions(["copy", "deepcopy", "reduce_ex"], ["copy.copy(x)", "copy.deepcopy(x)", "pickle.dumps(x)", "pickle.dumps([x])"])
expressions(["reduce_ex"], ["copy.copy(x)", "copy.deepcopy(x)", "pickle.dumps(x)", "pickle.dumps([x, x])"])
expressions(["enter", "exit"], ["with x: pass", "with x as z: pass", "with x, x: pass", "with x:\n    with x: pass", "def f():\n    with x: return 1\nf()", "for i in [1]:\n    with x: break", "__import__('contextlib').ExitStack().enter_context(x)", "x.__enter__()", "x.__exit__(1, 2, 3)"])
expressions(["await"], ["async def f(): await x\ntry: f().send(None)\nexcept StopIteration: pass"])
expressions(["aenter", "aexit"], ["async def f():\n    async with x: pass\ntry: f().send(None)\nexcept StopIteration: pass", "async def f():\n    async with x: 1 / 0\ntry: f().send(None)\nexcept StopIteration: pass"])
expressions(["aiter", "anext"], ["async def f():\n    async for i in x: break\ntry: f().send(None)\nexcept StopIteration: pass", "aiter(x)", "anext(x)", "anext(x, 1)", "async def f():\n    return [i async for i in x if 1 / 0]\ntry: f().send(None)\nexcept (StopIteration, ZeroDivisionError): pass"])


class Call:
    def __call__(self, *a, **k):
        note("__call__", count(self), count(a) if a else 0, *[count(i) for i in a if isinstance(i, Argument)], *[count(v) for v in k.values()])
        return 1


class CallOne:
    def __call__(self, a=None):
        note("__call__", count(self), count(a) if isinstance(a, Argument) else "-")
        return 1


for cls in (Call, CallOne):
    for source in ("x()", "x(y)", "x(*[y])", "x(a=y)", "x(**{'a': y})", "sorted([y], key=x)", "functools.reduce(lambda a, b: x(b), [y, y])", "x.__call__(y)", "max([y], key=x)", "operator.call(x, y)", "[y].sort(key=x)", "@x\ndef f(): pass", "@x\nclass C: pass", "property(x).fget(y)", "list(itertools.accumulate([y], lambda a, b: x(a)))", "min(y, y, key=x)", "__import__('re').sub('a', x, 'a')", "weakref.ref(y, x)", "classmethod(x).__get__(1)()", "__import__('types').MethodType(x, y)()"):
        space = globals() | {"x": cls(), "y": Argument()}
        inner = {}
        exec("def local(x, y):\n    " + "\n    ".join(source.split("\n")), space, inner)
        for i in range(12):
            seen.clear()
            attempt(lambda: inner["local"](space["x"], space["y"]))
        show(f"{cls.__name__} {source}")


# Descriptors.
class Data:
    def __get__(self, instance, owner):
        note("__get__", count(self), count(instance) if instance is not None else "-")
        return 4

    def __set__(self, instance, value):
        note("__set__", count(self), count(instance), count(value))

    def __delete__(self, instance):
        note("__delete__", count(self), count(instance))


class Plain:
    def __get__(self, instance, owner):
        note("__get__", count(self), count(instance) if instance is not None else "-")
        return lambda *a: 4


class Owner:
    data = Data()
    plain = Plain()

    @property
    def prop(self):
        note("prop", count(self))
        return 1

    @prop.setter
    def prop(self, value):
        note("prop.set", count(self), count(value))

    @prop.deleter
    def prop(self):
        note("prop.del", count(self))

    def method(self, a=None):
        note("method", count(self), count(a) if isinstance(a, Argument) else "-")

    @classmethod
    def of_class(cls, a=None):
        note("of_class", count(a))

    @staticmethod
    def of_none(a=None):
        note("of_none", count(a))

    @functools.cached_property
    def cached(self):
        note("cached", count(self))
        return 1

    @functools.singledispatchmethod
    def single(self, a):
        note("single", count(self), count(a))

    def __getattribute__(self, name):
        if name.startswith("via"):
            note("__getattribute__", count(self))
            return 1
        return object.__getattribute__(self, name)


class OwnerPlain:
    data = Data()
    plain = Plain()
    prop = Owner.prop
    method = Owner.method


for cls in (Owner, OwnerPlain):
    for source in ("x.data", "x.data = y", "del x.data", "x.plain", "x.prop", "x.prop = y", "del x.prop", "x.method()", "x.method(y)", "m = x.method; m(y)", "x.of_class(y)", "x.of_none(y)", "getattr(x, 'data')", "getattr(x, 'prop')", "setattr(x, 'prop', y)", "cls.data", "cls.method(x, y)", "x.cached", "x.single(y)", "x.via", "getattr(x, 'via')", "hasattr(x, 'via')", "x.via()", "x.method(*[y])", "x.method(a=y)", "x.method(**{'a': y})", "operator.methodcaller('method', y)(x)", "operator.attrgetter('data')(x)", "functools.partial(x.method, y)()", "list(map(x.method, [y]))", "list(map(cls.method, [x]))", "sorted([y], key=x.method)", "'{0.data}'.format(x)", "getattr(x, 'method')(y)", "super(cls, x).__init__()"):
        space = globals() | {"cls": cls}
        inner = {}
        exec("def local(x, y):\n    " + source, space, inner)
        x, y = cls(), Argument()
        for i in range(12):
            seen.clear()
            vars(x).pop("cached", None)
            attempt(lambda: inner["local"](x, y))
        show(f"{cls.__name__} {source}")


# Making and unmaking.
class Made:
    def __new__(cls, *a):
        note("__new__", *[count(i) for i in a])
        return super().__new__(cls)

    def __init__(self, *a):
        note("__init__", count(self), *[count(i) for i in a])

    def __del__(self):
        note("__del__", count(self))

    def __reduce__(self):
        note("__reduce__", count(self))
        return Made, ()


def made():
    y = Argument()
    repeated(Made, y)
    show("Made(y)")
    x = Made()
    x.me = x
    del x
    gc.collect()
    show("collected")
    x = Made()
    seen.clear()
    copy.copy(x)
    show("copy Made")
    pickle.loads(pickle.dumps(x))
    show("pickle Made")
    copy.deepcopy(x)
    show("deepcopy Made")


made()
