"""send, throw, close, return values."""
def g():
    try:
        got = yield 1
        print("got", got)
        try:
            yield 2
        except ValueError as error:
            print("caught", error)
            yield "after"
        return "result"
    finally:
        print("finally")
it = g()
print(next(it), it.send("hi"), it.throw(ValueError("v")))
try:
    next(it)
except StopIteration as stop:
    print(stop.value)
print(next(it, "exhausted"))
it = g()
try:
    it.send(1)
except TypeError as error:
    print(error)
next(it)
it.close()
it.close()
def stubborn():
    try:
        yield
    except GeneratorExit:
        yield "no"
s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as error:
    print(error)
def leak():
    raise StopIteration
    yield
try:
    next(leak())
except RuntimeError as error:
    print(error, repr(error.__cause__))
