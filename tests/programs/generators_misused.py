"""Generators, coroutines and awaitables that are used wrongly: each time the error that the reference gives."""
import asyncio
import sys
import types
import warnings

warnings.simplefilter("ignore")


def attempt(what, call):
    try:
        print(what, "->", call())
    except BaseException as error:
        print(what, "->", type(error).__name__, error)


# Running one that runs.
def own_next():
    yield next(own)


own = own_next()
attempt("next inside", lambda: next(own))


def own_close():
    attempt("close inside", own.close)
    attempt("throw inside", lambda: own.throw(ValueError("x")))
    yield 1


own = own_close()
attempt("the first item", lambda: next(own))


async def own_send():
    running.send(None)


running = own_send()
attempt("send inside", lambda: running.send(None))


# Sending and awaiting too early, too late, twice.
def plain():
    yield 1


attempt("send to a fresh one", lambda: plain().send(1))
ended = plain()
list(ended)
attempt("next after the end", lambda: next(ended))
attempt("throw after the end", lambda: ended.throw(KeyError("k")))
attempt("close after the end", ended.close)


async def answer():
    return 42


async def await_twice():
    coroutine = answer()
    first = await coroutine
    attempt("the first await", lambda: first)
    await coroutine


attempt("await twice", lambda: asyncio.run(await_twice()))
attempt("send to a fresh coroutine", lambda: answer().send(1))
attempt("await a number", lambda: asyncio.run(wait_for(1)))
attempt("await nothing", lambda: asyncio.run(wait_for(None)))
attempt("run no coroutine", lambda: asyncio.run(1))


async def wait_for(what):
    return await what


class BadAwaitable:
    def __init__(self, result):
        self.result = result

    def __await__(self):
        return self.result


attempt("__await__ gives a number", lambda: asyncio.run(wait_for(BadAwaitable(1))))
attempt("__await__ gives a coroutine", lambda: asyncio.run(wait_for(BadAwaitable(answer()))))
attempt("iterate a coroutine", lambda: list(answer()))
attempt("await a plain generator", lambda: asyncio.run(wait_for(plain())))


@types.coroutine
def decorated():
    yield 7


attempt("a bad yield in a task", lambda: asyncio.run(wait_for(decorated())))


# Throwing what is no exception.
for thrown in (1, None, "text", int, object()):
    name = thrown if not type(thrown) is object else "an object"
    attempt(f"throw {name}", lambda: plain().throw(thrown) if type(thrown) is not object else plain().throw("?"))
attempt("throw an instance with a value", lambda: plain().throw(ValueError("a"), "b"))
attempt("throw with no traceback", lambda: plain().throw(ValueError, "b", 5))
attempt("throw nothing", lambda: plain().throw())


class NoException(Exception):
    def __new__(cls):
        return 5


attempt("throw a class that makes no exception", lambda: plain().throw(NoException))


# Closing one that does not want to.
def stubborn():
    while True:
        try:
            yield
        except GeneratorExit:
            pass


one = stubborn()
next(one)
attempt("close a stubborn one", one.close)
attempt("close it again", one.close)


def raising():
    try:
        yield
    finally:
        raise KeyError("in finally")


one = raising()
next(one)
attempt("close one that raises", one.close)


def returning():
    try:
        yield
    except GeneratorExit:
        return 5


one = returning()
next(one)
attempt("close one that returns", one.close)


async def stubborn_async():
    while True:
        try:
            yield
        except GeneratorExit:
            pass


async def close_stubborn():
    generator = stubborn_async()
    await generator.asend(None)
    await generator.aclose()


attempt("aclose a stubborn one", lambda: asyncio.run(close_stubborn()))


# StopIteration does not pass.
def stopping():
    yield
    raise StopIteration("inside")


async def stopping_async():
    raise StopIteration("inside")


async def stopping_generator():
    yield 1
    raise StopAsyncIteration


async def drain(generator):
    return [item async for item in generator]


attempt("StopIteration in a generator", lambda: list(stopping()))
attempt("StopIteration in a coroutine", lambda: asyncio.run(stopping_async()))
attempt("StopAsyncIteration in a generator", lambda: asyncio.run(drain(stopping_generator())))


# Asynchronous generators, two awaits at once.
async def slow():
    await asyncio.sleep(0)
    yield 1


async def two_at_once():
    generator = slow()
    return await asyncio.gather(generator.__anext__(), generator.__anext__(), return_exceptions=True)


attempt("two awaits of a generator", lambda: asyncio.run(two_at_once()))


async def asend_reused():
    generator = slow()
    awaitable = generator.asend(None)
    await awaitable
    await awaitable


attempt("asend twice", lambda: asyncio.run(asend_reused()))


async def send_to_fresh():
    await slow().asend(1)


attempt("asend to a fresh one", lambda: asyncio.run(send_to_fresh()))
attempt("async for over a list", lambda: asyncio.run(drain([1])))
attempt("anext of a number", lambda: anext(1))
attempt("aiter of a number", lambda: aiter(1))

# Futures and tasks.
loop = asyncio.new_event_loop()
future = loop.create_future()
attempt("a result too early", future.result)
attempt("an exception too early", future.exception)
future.set_result(1)
attempt("a second result", lambda: future.set_result(2))
attempt("an exception after the result", lambda: future.set_exception(ValueError()))
other = loop.create_future()
attempt("no exception", lambda: other.set_exception(1))
attempt("StopIteration", lambda: other.set_exception(StopIteration))
attempt("a loop", lambda: asyncio.Future(loop=1))
attempt("a task of a number", lambda: asyncio.Task(1, loop=loop))
attempt("a task without a coroutine", lambda: asyncio.Task())
attempt("no running loop", asyncio.get_running_loop)
attempt("leave a task", lambda: asyncio.tasks._leave_task(loop, 1))


async def await_itself():
    await asyncio.current_task()


try:
    loop.run_until_complete(await_itself())
except RuntimeError as error:
    print("await itself ->", str(error).split(":")[0])


async def foreign():
    await asyncio.new_event_loop().create_future()


try:
    loop.run_until_complete(foreign())
except RuntimeError as error:
    print("another loop's future ->", str(error).rpartition("> ")[2])
loop.close()

# Delegation.
attempt("yield from a number", lambda: list(delegate(1)))


def delegate(to):
    yield from to


class BadIterator:
    def __iter__(self):
        return 5


attempt("yield from what has no iterator", lambda: list(delegate(BadIterator())))


class Closing:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def close(self):
        raise KeyError("close")

    def throw(self, *args):
        raise LookupError("throw")


one = delegate(Closing())
next(one)
attempt("close a delegate that raises", one.close)
one = delegate(Closing())
next(one)
attempt("throw into a delegate that raises", lambda: one.throw(ValueError))

chain = plain()
for _ in range(500):
    chain = delegate(chain)
try:
    print("a chain of 500 ->", next(chain))
except RecursionError as error:
    print("a chain of 500 ->", type(error).__name__)
