"""An exception in every kind of callback: told where the reference tells it, and nothing else is harmed."""
import asyncio
import atexit
import contextvars
import gc
import os
import signal
import sys
import threading
import weakref


def tell(unraisable):
    print("  unraisable:", type(unraisable.exc_value).__name__, unraisable.exc_value)


sys.unraisablehook = tell
threading.excepthook = lambda args: print("  thread:", args.exc_type.__name__, args.exc_value)


class Thing:
    def __init__(self, what="thing"):
        self.what = what

    def __del__(self):
        if self.what == "finalizer":
            raise ValueError("in __del__")


def fail(*args):
    raise ValueError("in a callback")


print("__del__")
Thing("finalizer")
print("weak reference")
thing = Thing()
reference = weakref.ref(thing, fail)
del thing
print("weakref.finalize")
thing = Thing()
sys.excepthook = lambda kind, value, traceback: print("  hook:", kind.__name__, value)
weakref.finalize(thing, fail)
del thing
print("collector")
gc.callbacks.append(fail)
gc.collect()
gc.callbacks.remove(fail)
print("signal")
signal.signal(signal.SIGUSR1, fail)
try:
    os.kill(os.getpid(), signal.SIGUSR1)
    for _ in range(1000):
        pass
except ValueError as error:
    print("  caught:", error)
print("thread")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
print("trace")
sys.settrace(fail)
try:
    (lambda: 1)()
except ValueError as error:
    print("  caught:", error)
print("  trace is", sys.gettrace())
sys.settrace(None)
print("profile")
try:
    sys.setprofile(fail)
    (lambda: 1)()
except ValueError as error:
    print("  caught:", error)
sys.setprofile(None)
print("threading.settrace")
threading.settrace(fail)
thread = threading.Thread(target=lambda: print("  never"))
thread.start()
thread.join()
threading.settrace(None)
print("sort key")
numbers = [3, 1, 2]
try:
    numbers.sort(key=fail)
except ValueError as error:
    print("  caught:", error, numbers)
print("context")
try:
    contextvars.copy_context().run(fail)
except ValueError as error:
    print("  caught:", error)
print("asyncio callback")


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: print("  handler:", type(context["exception"]).__name__, context["exception"]))
    loop.call_soon(fail)
    future = loop.create_future()
    future.add_done_callback(fail)
    future.set_result(None)
    loop.call_later(0.001, fail)
    await asyncio.sleep(0.01)
    loop.add_signal_handler(signal.SIGUSR2, fail)
    os.kill(os.getpid(), signal.SIGUSR2)
    await asyncio.sleep(0.01)
    try:
        await loop.run_in_executor(None, fail)
    except ValueError as error:
        print("  executor:", error)


asyncio.run(main())
print("asyncio's exception handler itself")


async def worse():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(fail)
    loop.call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


import logging

logging.getLogger("asyncio").addFilter(lambda record: print("  log:", record.getMessage().splitlines()[0]))
asyncio.run(worse())
print("async generator hooks")


async def items():
    yield 1


old = sys.get_asyncgen_hooks()
sys.set_asyncgen_hooks(firstiter=fail)
try:
    items().__anext__()
except ValueError as error:
    print("  caught:", error)
sys.set_asyncgen_hooks(firstiter=None, finalizer=fail)
generator = items()
try:
    generator.asend(None).send(None)
except StopIteration:
    pass
del generator
sys.set_asyncgen_hooks(*old)
print("fork")
os.register_at_fork(before=fail, after_in_parent=fail)
child = os.fork()
if child == 0:
    os._exit(0)
print("  child ended with", os.waitpid(child, 0)[1])
print("unraisable hook")
sys.unraisablehook = fail
sys.stderr = open(os.devnull, "w")
Thing("finalizer")
sys.unraisablehook = tell
print("atexit")
atexit.register(fail)
