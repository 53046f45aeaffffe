"""Chains and nests far deeper than the native stack end in a result or in RecursionError."""
import functools
import importlib.util
import types

# CPython's native stack ends in a crash for some of these: there they are not as deep.
DEPTH = 100000 if importlib.util.find_spec("habu") else 2000


class Descriptor:
    pass


Descriptor.__get__ = Descriptor()


class Holder:
    attribute = Descriptor()


def chained(make, start):
    for _ in range(DEPTH):
        start = make(start)
    return start


def kind(action):
    try:
        action()
    except (RecursionError, TypeError, AttributeError):
        pass
    return "ended"


method = chained(lambda inner: types.MethodType(inner, 1), len)
alias = chained(lambda inner: list[inner], list[int])
view = chained(types.MappingProxyType, {1: 2})
static = chained(staticmethod, len)
bound = chained(classmethod, len)
wrapped = chained(property, property(len))
code = compile("1", "", "exec")
nested = code
for _ in range(3000):
    nested = nested.replace(co_consts=(nested, None))
selfish = functools.partial(len)
selfish.__setstate__((selfish, (), {}, {}))
Both = type("Both", (), {"bound": bound, "wrapped": wrapped})
if DEPTH == 100000:
    kind(selfish)
for name, action in {
    "method call": lambda: method([]),
    "method attribute": lambda: method.attribute,
    "method doc": lambda: method.__doc__,
    "alias parameters": lambda: alias.__parameters__,
    "alias text": lambda: repr(alias),
    "view length": lambda: len(view),
    "view item": lambda: view[1],
    "view union": lambda: view | {},
    "static call": lambda: static([]),
    "static abstract": lambda: static.__isabstractmethod__,
    "bound": lambda: Both().bound,
    "wrapped": lambda: wrapped.__isabstractmethod__,
    "code hash": lambda: hash(nested),
    "descriptor": lambda: Holder().attribute,
}.items():
    print(name, kind(action))
