"""The counts that callbacks see of what they are given."""
import functools
import gc
import itertools
import sys
import weakref

count = sys.getrefcount


class Plain:
    def method(self, reference):
        print("method", count(self), count(reference))


def tell(name):
    return lambda reference: print(name, count(reference))


print("one reference, one with a plain one, two, a proxy")
target = Plain(); reference = weakref.ref(target, tell("one")); del target
target = Plain(); reference = weakref.ref(target, tell("one")); plain = weakref.ref(target); del target
target = Plain(); reference = weakref.ref(target, tell("a")); other = weakref.ref(target, tell("b")); del target
target = Plain(); proxy = weakref.proxy(target, tell("proxy")); del target
print("found by the collector")
target = Plain(); reference = weakref.ref(target, tell("cycle")); target.me = target; del target
gc.collect()


def callback(reference):
    print("callback", count(callback), count(reference))


print("a callback that is shared, a method, a list's")
target = Plain(); reference = weakref.ref(target, callback); del target
target = Plain(); reference = weakref.ref(target, callback); other = weakref.ref(target, callback); del target
print(count(callback))
holder = Plain(); target = Plain(); reference = weakref.ref(target, holder.method); print(count(holder)); del target
print(count(holder))
dead = []; target = Plain(); reference = weakref.ref(target, dead.append); del target
print(count(reference), dead[0] is reference)
method = weakref.WeakMethod(holder.method, tell("WeakMethod")); print(count(holder), count(method)); del holder


class Referring(weakref.ref):
    pass


target = Plain(); reference = Referring(target, tell("subclass")); other = Referring(target); del target


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("freed", self.name)


def holding(name):
    loud = Loud(name)
    return lambda reference: print("called", loud.name)


print("callbacks die after the last was called")
target = Plain(); references = [weakref.ref(target, holding(name)) for name in "abc"]; del target


def told(phase, info):
    print(phase, count(info), sorted(info))


gc.callbacks.append(told); gc.collect(0); gc.callbacks.remove(told)


def generate():
    while True:
        yield count(generator)


print("generators")
generator = generate()
print(next(generator), generator.send(None), generator.__next__())
for number in generator:
    print(number)
    break


def delegate():
    yield from generator


delegating = delegate()
print(next(delegating), next(delegating))


def closing():
    try:
        yield
    finally:
        print("closing", count(generator))


generator = closing(); next(generator); generator.close()


async def coroutine():
    print("coroutine", count(running))


running = coroutine()
try:
    running.send(None)
except StopIteration:
    pass

print("cached calls")
value = Plain()
functools.lru_cache(lambda item: print(count(item)))(value)
functools.lru_cache(None)(lambda item: print(count(item)))(value)
functools.lru_cache(0)(lambda item: print(count(item)))(value)
print(count(value))

print("hooks of tracing")
sys.settrace(lambda frame, event, argument: print("trace", count(frame)) if frame.f_code.co_name == "traced" else None)


def traced():
    pass


traced()
sys.settrace(None)
sys.setprofile(lambda frame, event, argument: print("profile", count(frame), event) if frame.f_code.co_name == "traced" else None)
traced()
sys.setprofile(None)
