"""Decorators apply from the bottom; wraps keeps the names."""
import functools
def show(tag):
    print("make", tag)
    def decorate(f):
        print("decorate", tag)
        @functools.wraps(f)
        def wrapper(*args): return tag, f(*args)
        return wrapper
    return decorate
@show("outer")
@show("inner")
def f(x):
    "doc"
    return x
print(f(1), f.__name__, f.__doc__, f.__wrapped__(2)[0])
@functools.lru_cache(maxsize=2)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(20), fib.cache_info())
@functools.singledispatch
def kind(x): return "object"
@kind.register
def _(x: int): return "int"
@kind.register(list)
def _(x): return "list"
print(kind(1), kind([]), kind(""), kind(True))
class C:
    @functools.cached_property
    def v(self):
        print("computed")
        return 1
c = C()
print(c.v, c.v, c.__dict__)
