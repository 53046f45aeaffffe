"""A chain of thousands of generators that delegate to each other is resumed, thrown into and closed from its innermost one outwards."""

import sys

sys.setrecursionlimit(20_000)
DEPTH = 4_000
ended = []


def innermost():
    try:
        received = []
        while True:
            try:
                received.append((yield len(received)))
            except ValueError as error:
                received.append(str(error))
            if received[-1] == "end":
                return received
    finally:
        ended.append("innermost")


def delegating(inner, number):
    try:
        return (yield from inner)
    except KeyError as error:
        error.args += (number,) if number % 1000 == 0 else ()
        raise
    finally:
        if number % 1000 == 0:
            ended.append(number)


def chain():
    generator = innermost()
    for number in range(DEPTH):
        generator = delegating(generator, number)
    return generator


generator = chain()
print(next(generator), generator.send("a"), generator.throw(ValueError("b")))
try:
    generator.send("end")
except StopIteration as stop:
    print(stop.value, ended)

ended.clear()
generator = chain()
next(generator)
generator.close()
print(ended)

ended.clear()
generator = chain()
next(generator)
try:
    generator.throw(KeyError("lost"))
except KeyError as error:
    print(error.args, ended)

ended.clear()
generator = chain()
next(generator)
print(generator.gi_running, generator.gi_yieldfrom.gi_yieldfrom.gi_frame.f_locals["number"])
del generator
print(ended)


class Thrower:
    """What is no generator is asked for `throw` and `close`, if it has them."""

    def __init__(self, **methods):
        self.__dict__.update(methods)
        self.throw = lambda *arguments: print("thrown", arguments) or "from throw"

    def __iter__(self):
        return self

    def __next__(self):
        return "next"


class Bare:
    def __iter__(self):
        return self

    def __next__(self):
        return "bare"


for inner in Thrower(), Bare():
    generator = delegating(delegating(iter(inner), 1), 2)
    print(next(generator))
    try:
        print(generator.throw(ValueError("into")))
    except ValueError as error:
        print(type(error).__name__, error)
    generator.close()
