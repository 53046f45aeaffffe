"""`match`: literals, values, captures, sequences, mappings, classes, alternatives, guards, and what is bound after a failure."""
import enum
from dataclasses import dataclass


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Point:
    x: int
    y: int = 0


class Other:
    __match_args__ = ("first",)
    first = 1


def kind(value):
    match value:
        case None | True | False:
            return f"constant {value}"
        case -1 | 1.5 | 2 + 3j | "text" | b"bytes":
            return f"literal {value!r}"
        case Color.RED:
            return "red"
        case [] | ():
            return "empty sequence"
        case [1, [2, *inner], *rest] if rest:
            return f"nested {inner} {rest}"
        case [first, *_, last]:
            return f"from {first} to {last}"
        case {"kind": "a", "x": x, **rest}:
            return f"mapping {x} {rest}"
        case {}:
            return f"any mapping of {len(value)}"
        case Point(0, 0):
            return "origin"
        case Point(x=0, y=where) | Point(x=where, y=0):
            return f"on an axis at {where}"
        case Point() as point:
            return f"point {point}"
        case Other(1):
            return "other"
        case int(number) | float(number) if number > 100:
            return f"large {number}"
        case str() | bytes() as text:
            return f"text of {len(text)}"
        case set() | frozenset():
            return "set"
        case _:
            return "else"


for value in (None, True, 1, -1, 1.5, 2 + 3j, "text", "other", b"bytes", Color.RED, Color.BLUE, [], (), [1, [2, 3, 4], 5], [1, [2], ], [7, 8, 9], range(3), "ab",
              {"kind": "a", "x": 1, "y": 2}, {"kind": "b"}, {}, Point(0), Point(0, 4), Point(5), Point(1, 2), Other(), 101, 250.5, {1}, bytearray(b"x"), object):
    print(kind(value))


def errors(subject, number):
    try:
        match number:
            case 1:
                match subject:
                    case Point(1, 2, 3):
                        pass
            case 2:
                match subject:
                    case Point(1, x=2):
                        pass
            case 3:
                match subject:
                    case number(1):
                        pass
            case 4:
                match {"a": 1}:
                    case {"a": 1, Color.RED.name: x}:
                        pass
                    case _:
                        print("no key")
    except TypeError as error:
        print(error)


for number in (1, 2, 3, 4):
    errors(Point(1, 2), number)
match [1, 2, 3]:
    case [a, b, 4]:
        pass
    case [a, *b]:
        print(a, b)
for source in ("match x:\n case a: pass\n case b: pass", "match x:\n case [a, a]: pass", "match x:\n case a | b: pass", "match x:\n case {**r, 'a': 1}: pass", "match x:\n case P(a=1, a=2): pass", "match x:\n case {'a': 1, 'a': 2}: pass", "match x:\n case [*a, *b]: pass", "match x:\n case 1 + 1: pass", "match x:\n case f'a': pass", "match x:\n case _ as _: pass", "match x:\n case P(1 as a, b=): pass"):
    try:
        compile(source, "<p>", "exec")
        print("fine")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset)
