"""A class body is run at once, with a namespace of its own: annotations, loops, conditions, decorators, docstrings, qualified names."""
class Odd:
    """The docstring."""
    for index in range(3):
        locals()[f"made_{index}"] = index
    if index:
        flag: bool = True
    else:
        never: int = 1
    items: list[int]
    with_value: "text" = 3
    (parenthesised): int = 4
    import math as m
    try:
        1 / 0
    except ZeroDivisionError:
        failed = True
    lambdas = [lambda: number for number in range(2)]

    def __private(self):
        return "mangled"

    def call(self):
        return self.__private()

    class Inner:
        class Deeper:
            pass

        def method(self):
            def local():
                pass
            return local

    del index


print(Odd.__doc__, Odd.made_2, Odd.flag, Odd.__annotations__, Odd.m.__name__, Odd.failed, [made() for made in Odd.lambdas])
print(sorted(name for name in vars(Odd) if not name.startswith("__")), Odd().call(), Odd._Odd__private.__name__)
print(Odd.Inner.Deeper.__qualname__, Odd.Inner().method().__qualname__, Odd.lambdas[0].__qualname__)


def function():
    class Local:
        __qualname__ = "renamed"
        where = __module__

        def method(self):
            pass
    return Local


print(function(), function().method.__qualname__, function().where)


def shown(cls):
    print("decorated", cls.__name__)
    return cls


@shown
@(lambda cls: shown(cls))
class Decorated:
    pass


class _Under:
    def __init__(self):
        self.__x = 1
        self.__y__ = 2
        __z = 3
        self.made = [__z for _ in range(1)]


print(vars(_Under()))


class ___:
    def f(self):
        self.__stays = 1
        return self


print(vars(___().f()))


class Keyword:
    def method(self, __a=1, *, __b=2):
        return locals().keys() - {"self"}


print(sorted(Keyword().method()), Keyword.method.__kwdefaults__)
for source in ("class A:\n return 1", "class A:\n yield 1", "class A(x for x in y): pass", "class A(*b, **c): pass", "class A(b=1, c): pass", "class A(b, metaclass=c, metaclass=d): pass", "class A:\npass", "class A\n pass", "class 1: pass", "class None: pass", "class A(): x: int: str", "class A:\n await x", "class A():\n break", "class A(b=1, **c, d=2): pass"):
    try:
        compile(source, "<c>", "exec")
        print("compiles")
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno, error.offset)
try:
    class Bad(1):
        pass
except TypeError as error:
    print(error)
try:
    class Bad(int, metaclass=5):
        pass
except TypeError as error:
    print(error)
try:
    class Bad(object, nothing=1):
        pass
except TypeError as error:
    print(error)
