"""yield from passes values, exceptions and results."""
def inner():
    try:
        x = yield 1
        print("inner got", x)
        yield 2
    except KeyError as e:
        print("inner caught", e)
        yield "handled"
    return "inner result"
def outer():
    result = yield from inner()
    print("outer has", result)
    yield from [10, 20]
    yield from (x for x in "ab")
o = outer()
print(next(o), o.send("S"), o.throw(KeyError("k")))
print(list(o))
def recursive(n):
    if n:
        yield n
        yield from recursive(n - 1)
print(list(recursive(5)))
g = inner()
print(g.gi_frame.f_lineno, g.gi_running, g.gi_yieldfrom, g.gi_code.co_name)
o = outer()
next(o)
print(o.gi_yieldfrom is not None)
o.close()
print(o.gi_frame)
def me():
    try:
        next(it)
    except ValueError as error:
        yield str(error)
it = me()
print(next(it))
