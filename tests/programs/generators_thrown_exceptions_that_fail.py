"""What goes wrong in making an exception that is thrown into a generator is thrown in its place."""


class Odd(Exception):
    def __new__(cls, *arguments):
        return cls


class Failing(Exception):
    def __init__(self):
        raise KeyError("no instance")


def catching():
    try:
        yield 1
    except Exception as error:
        yield type(error).__name__, str(error)


for thrown in (Odd, Failing):
    generator = catching()
    next(generator)
    print(generator.throw(thrown))
    generator = catching()
    try:
        generator.throw(thrown)
    except Exception as error:
        print(type(error).__name__, error, list(generator))
for wrong in ((42,), (ValueError, 1, 2), (ValueError(), 1)):
    generator = catching()
    next(generator)
    try:
        generator.throw(*wrong)
    except TypeError as error:
        print(error, list(generator))
