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

print("items that are shown, sequences that are gone through")


class Item:
    def __repr__(self):
        return f"<{count(self)}>"

    def __index__(self):
        return 1


class Sequence:
    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if index >= self.length:
            raise IndexError
        return count(self)


item = Item()
items = [item, [item]]
print(items, (item,), {1: item}, {item}, frozenset([item]), [Item()], count(item))
sequence = Sequence(2)
for number in sequence:
    print(number)
print(list(sequence), [*sequence], tuple(reversed(sequence)), list(Sequence(2)), count(sequence))


class Removing:
    def __repr__(self):
        held.clear()
        return f"removed {count(self)}"


class Ending:
    def __getitem__(self, index):
        global ending, walk
        del ending
        walk.__setstate__(5)
        return count(self)


held = [Removing(), 1]
print(held, len(held))
ending = Ending()
walk = iter(ending)
print(next(walk))

print("functions that combine")
compare = functools.cmp_to_key(lambda left, right: print(count(left), count(right)) or 0)
left, right = Plain(), Plain()
print(compare(left) < compare(right), sorted([left, right], key=compare) == [left, right])
list(itertools.accumulate([Plain(), Plain(), Plain()], lambda total, each: print(count(total), count(each)) or total))
functools.partial(lambda first, second=None: print(count(first), count(second)), left, second=left)()
functools.partial(lambda first, second: print(count(first), count(second)), left)(left)
functools.reduce(lambda total, each: print(count(total), count(each)) or total, [Plain(), Plain(), Plain()])
