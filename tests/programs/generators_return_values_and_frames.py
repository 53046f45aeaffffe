"""What `yield from` passes on, values that generators return, frames while they run and stop, and misuse."""
import inspect
import sys


def inner():
    received = yield 1
    print("received", received)
    try:
        yield 2
    except ValueError as error:
        print("inner caught", error)
        yield 3
    return "inner result"


def outer():
    result = yield from inner()
    print("result", result)
    result = yield from [7, 8]
    print("list gives", result)
    return "outer result"


generator = outer()
print(inspect.getgeneratorstate(generator), next(generator), generator.send("hello"), generator.throw(ValueError("thrown")))
print(generator.gi_yieldfrom.__name__, inspect.getgeneratorstate(generator), generator.gi_frame.f_lineno - outer.__code__.co_firstlineno)
print(next(generator), next(generator))
try:
    next(generator)
except StopIteration as error:
    print(error.value, generator.gi_frame, generator.gi_yieldfrom, inspect.getgeneratorstate(generator))
for use in (lambda: next(generator), lambda: generator.send(1), lambda: generator.throw(KeyError("k")), lambda: generator.close()):
    try:
        print(use())
    except (StopIteration, KeyError) as error:
        print(repr(error))


def reentrant():
    try:
        next(me)
    except ValueError as error:
        yield str(error)


me = reentrant()
print(next(me))


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


stuck = stubborn()
next(stuck)
try:
    stuck.close()
except RuntimeError as error:
    print(error)


def stop_inside():
    yield 1
    raise StopIteration("x")


try:
    list(stop_inside())
except RuntimeError as error:
    print(error, repr(error.__cause__))


def with_finally(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("finally")


log = []
generator = with_finally(log)
next(generator)
del generator
print(log)
for arguments in ((1,), ("x",), (int,), (ValueError, "text"), (ValueError, ValueError("v")), (ValueError("v"), 5), (ValueError, None, 5), ()):
    generator = with_finally([])
    next(generator)
    try:
        generator.throw(*arguments)
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
fresh = with_finally([])
try:
    fresh.send(1)
except TypeError as error:
    print(error)
try:
    fresh.throw(KeyError)
except KeyError:
    print(inspect.getgeneratorstate(fresh))


class Delegate:
    def __iter__(self):
        return self

    def __next__(self):
        return "next"

    def send(self, value):
        return ("sent", value)

    def throw(self, *arguments):
        return ("thrown", arguments[0].__name__ if isinstance(arguments[0], type) else repr(arguments[0]))

    def close(self):
        print("closed")


def delegating():
    yield from Delegate()


generator = delegating()
print(next(generator), generator.send(5), generator.throw(KeyError("k")), generator.close())
for wrong in (5, None):
    def bad():
        yield from wrong
    try:
        next(bad())
    except TypeError as error:
        print(error)
print(type(sys._getframe()).__name__, (lambda: (yield))().gi_code.co_name, list((lambda: (yield from "ab"))()))
generator.__name__ = "renamed"
print(generator.__name__, generator.__qualname__, repr(generator)[:26])
try:
    generator.__name__ = 5
except TypeError as error:
    print(error)
