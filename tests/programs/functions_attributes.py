"""What a function shows of itself."""
def f(a: int, b: "str" = "x", *, c=1) -> None:
    "doc"
    local = a
    return lambda: local
print(f.__name__, f.__qualname__, f.__doc__, f.__defaults__, f.__kwdefaults__, f.__annotations__)
code = f.__code__
print(code.co_name, code.co_argcount, code.co_kwonlyargcount, code.co_varnames, code.co_cellvars, code.co_nlocals)
f.extra = 1
print(f.__dict__, f(1).__qualname__)
f.__defaults__ = ("new",)
f.__name__ = "renamed"
print(f.__name__, f.__defaults__)
try:
    f.__code__ = 1
except TypeError as error:
    print(error)
def g(): return "g"
def h(): return "h"
g.__code__ = h.__code__
print(g())
import inspect
print(inspect.signature(f), inspect.signature(len))
