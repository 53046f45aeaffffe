"""Coroutines, async for, async with, driven by hand."""
class Aw:
    def __await__(self): x = yield "wait"; return x
class M:
    async def __aenter__(self): print("aenter"); return 1
    async def __aexit__(self, *a): print("aexit", a[0]); return True
async def agen():
    for i in range(2): yield i
    print("agen done")
async def main():
    print(await Aw())
    async with M() as m: print(m); raise ValueError
    async for i in agen(): print(i)
    print([i async for i in agen()], [await Aw() for _ in "a"])
    return "result"
c = main(); print(c.send(None)); print(c.send("sent"))
try: c.send("again")
except StopIteration as s: print(s.value)
try: c.send(None)
except RuntimeError as e: print(e)
c = main(); print(type(c).__name__, c.cr_frame is not None, c.cr_await); c.close()
async def bad(): await 5
try: bad().send(None)
except TypeError as e: print(e)
async def bad2():
    async for x in [1]: pass
try: bad2().send(None)
except TypeError as e: print(e)
async def bad3():
    async with 1: pass
try: bad3().send(None)
except TypeError as e: print(e)
g = agen(); a = g.asend(None)
try: a.send(None)
except StopIteration as s: print(s.value)
try: g.aclose().send(None)
except StopIteration: print("closed")
