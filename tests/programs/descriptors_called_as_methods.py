"""Descriptors found by a call: a field of a named tuple is read and called, and a property's subclass keeps its docstring."""
from collections import namedtuple
from typing import NamedTuple

Handler = namedtuple("Handler", "name call")
handler = Handler("length", len)
print(handler.call([1, 2]), [handler.call("x" * n) for n in range(3)])


class Option(NamedTuple):
    default: object
    check: object = None


def checked(option, value):
    return option.check(value) if option.check else option.default


print([checked(option, "7") for option in (Option(1, int), Option(2), Option(3, repr)) for _ in range(3)])


class Documented(property):
    pass


class Silent(property):
    __doc__ = "of the class"


def getter(self):
    "of the getter"


def plain(self):
    pass


for kind in (property, Documented, Silent):
    made = kind(getter), kind(getter, doc="given"), kind(plain)
    print(kind.__name__, [descriptor.__doc__ for descriptor in made])
