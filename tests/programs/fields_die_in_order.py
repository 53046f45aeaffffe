"""What objects hold dies in CPython's order when they die."""
import collections
import functools
import itertools
import operator
import time
import types


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  freed", self.name)

    def __call__(self, *arguments):
        return arguments[0] if arguments else None

    def __hash__(self):
        return hash(self.name)


def several(name, number=2):
    return [Loud(f"{name}{index}") for index in range(number)]


def show(name, make, steps=0):
    print(name, steps)
    made = make()
    for _ in range(steps):
        next(made, None)
    print("  then")
    del made


for steps in range(4):
    show("chain", lambda: itertools.chain(several("a"), several("b")), steps)
    show("chain.from_iterable", lambda: itertools.chain.from_iterable([several("a"), several("b")]), steps)
    show("accumulate", lambda: itertools.accumulate(several("a"), Loud("function"), initial=Loud("initial")), steps)
    show("starmap", lambda: itertools.starmap(Loud("function"), [(Loud("a"),), (Loud("b"),)]), steps)
    for kind in (itertools.takewhile, itertools.dropwhile, itertools.filterfalse, filter, map):
        show(kind.__name__, lambda: kind(Loud("function"), several("a")), steps)
    show("zip", lambda: zip(several("a"), several("b")), steps)
    show("zip_longest", lambda: itertools.zip_longest(several("a"), several("b", 1), fillvalue=Loud("fill")), steps)
    show("product", lambda: itertools.product(several("a"), several("b")), steps)
    show("groupby", lambda: itertools.groupby(several("a"), Loud("key")), steps)
    show("pairwise", lambda: itertools.pairwise(several("a", 3)), steps)
    show("cycle", lambda: itertools.cycle(several("a")), steps)
    show("generator expression", lambda: (item for item in several("a")), steps)


def function():
    free = Loud("free")

    def inner(first=Loud("default"), *, key=Loud("keyword default")) -> Loud("annotation"):
        return free

    inner.attribute, inner.__doc__, inner.__module__ = Loud("attribute"), Loud("doc"), Loud("module")
    return inner


def attributes(made, **named):
    for name, value in named.items():
        setattr(made, name, value)
    return made


show("function", function)
show("method", lambda: types.MethodType(Loud("function"), Loud("self")))
show("partial", lambda: attributes(functools.partial(Loud("f"), Loud("a"), k=Loud("k")), attribute=Loud("attribute")))
show("property", lambda: property(Loud("get"), Loud("set"), Loud("delete"), Loud("doc")))
show("slice", lambda: slice(Loud("start"), Loud("stop"), Loud("step")))
show("itemgetter", lambda: operator.itemgetter(Loud("a"), Loud("b")))
show("methodcaller", lambda: operator.methodcaller("name", Loud("a"), k=Loud("b")))
show("deque", lambda: collections.deque(several("a", 3)))
show("defaultdict", lambda: collections.defaultdict(Loud("factory"), {1: Loud("value")}))
show("OrderedDict", lambda: collections.OrderedDict([(Loud("k1"), Loud("v1")), (Loud("k2"), Loud("v2"))]))


class Ordered(collections.OrderedDict):
    pass


class Default(collections.defaultdict):
    pass


show("subclass of OrderedDict", lambda: attributes(Ordered(k=Loud("value")), attribute=Loud("attribute")))
show("subclass of defaultdict", lambda: attributes(Default(Loud("factory"), k=Loud("v")), attribute=Loud("attribute")))
show("struct_time", lambda: time.struct_time(several("field", 11)))


def os_error():
    error = OSError(Loud("errno"), Loud("strerror"), Loud("filename"), None, Loud("filename2"))
    error.__cause__, error.__context__ = ValueError(Loud("cause")), ValueError(Loud("context"))
    error.attribute = Loud("attribute")
    return error


show("OSError", os_error)
show("ValueError", lambda: ValueError(Loud("a"), Loud("b")))
show("ImportError", lambda: ImportError(Loud("message"), name=Loud("name"), path=Loud("path")))
show("AttributeError", lambda: AttributeError(Loud("message"), name=Loud("name"), obj=Loud("object")))
show("NameError", lambda: NameError(Loud("message"), name=Loud("name")))
show("SyntaxError", lambda: SyntaxError(Loud("message"), (Loud("file"), 1, 2, Loud("text"))))
show("ExceptionGroup", lambda: ExceptionGroup("message", [ValueError(Loud("a")), ValueError(Loud("b"))]))
