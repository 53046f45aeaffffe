"""`throw` and `close` go through 100,000 generators that delegate to each other."""
import sys


def innermost(log):
    try:
        yield 1
    except ValueError as error:
        log.append(error.args)
        yield 2
    finally:
        log.append("closed")


def outer(inner):
    yield from inner


def chain(log, length=100_000):
    generator = innermost(log)
    for _ in range(length):
        generator = outer(generator)
    return generator


sys.setrecursionlimit(1_000_000)
log = []
generator = chain(log)
assert next(generator) == 1
assert generator.throw(ValueError("thrown")) == 2
generator.close()
assert log == [("thrown",), "closed"], log
assert next(generator, "ended") == "ended"
