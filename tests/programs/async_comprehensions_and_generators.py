"""`async for` in comprehensions, asynchronous generators: order, `athrow`, `aclose`, and where they may stand."""
import asyncio


async def count(limit, log=None):
    try:
        for number in range(limit):
            await asyncio.sleep(0)
            yield number
    finally:
        if log is not None:
            log.append(f"closed at {limit}")


async def double(value):
    await asyncio.sleep(0)
    return value * 2


async def main():
    print([number async for number in count(4)], {number async for number in count(3) if number}, {number: await double(number) async for number in count(3)})
    print([await double(number) for number in range(3)], [a + b async for a in count(2) for b in (10, 20)], [[x async for x in count(y)] for y in range(3)])
    lazily = (number * 10 async for number in count(3))
    print(type(lazily).__name__, [item async for item in lazily])
    log = []
    async for number in count(10, log):
        if number == 2:
            break
    else:
        print("never")
    agen = count(3, log)
    print(await agen.__anext__(), await anext(agen), await anext(agen), await anext(agen, "default"))
    try:
        await anext(agen)
    except StopAsyncIteration as error:
        print("stopped", error.args, log)
    agen = count(3, log)
    await anext(agen)
    try:
        await agen.athrow(KeyError("thrown"))
    except KeyError as error:
        print(repr(error), log)
    agen = count(3, log)
    await agen.asend(None)
    await agen.aclose()
    await agen.aclose()
    print(log, agen.ag_running, agen.ag_frame)
    fresh = count(1)
    try:
        await fresh.asend("x")
    except TypeError as error:
        print(error)
    for wrong in (lambda: [x for x in count(1)], lambda: anext(5), lambda: aiter(5)):
        try:
            wrong()
        except TypeError as error:
            print(error)
    try:
        async for item in [1]:
            pass
    except TypeError as error:
        print(error)
    try:
        async with 5:
            pass
    except TypeError as error:
        print(error)
    try:
        await 5
    except TypeError as error:
        print(error)
    coroutine = double(1)
    await coroutine
    try:
        await coroutine
    except RuntimeError as error:
        print(error)


asyncio.run(main())
for source in ("[x async for x in y]", "def f():\n return [x async for x in y]", "async def f():\n yield 1\n return 2", "async def f():\n yield from x", "def f():\n await x", "await x", "async def f():\n [await x for y in z]", "class A:\n await x", "def f():\n async with x: pass", "def f():\n async for x in y: pass", "async def f():\n return (x async for x in y)", "async def f():\n lambda: await x", "async def f():\n def g():\n  [x async for x in y]"):
    try:
        compile(source, "<a>", "exec")
        print("compiles")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset)
