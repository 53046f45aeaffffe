"""Small rules of dictionaries of instances, slots, proxies, warnings and identity."""
import subprocess
import sys
import weakref

size = sys.getsizeof


class Plain:
    pass


class WithSlot:
    __slots__ = "__dict__"


class OfDict(dict):
    pass


class OfList(list):
    pass


class OfInt(int):
    pass


print("dictionaries that are asked for, made by an attribute, and made anew")
for kind in (Plain, WithSlot, OfDict, OfList, OfInt):
    asked, set_first, deleted, deleted_first = kind(), kind(), kind(), kind()
    sizes = [size(asked.__dict__)]
    asked.a = 1
    sizes.append(size(asked.__dict__))
    set_first.a = 1
    sizes.append(size(set_first.__dict__))
    deleted.a = 1
    del deleted.__dict__
    sizes.append(size(deleted.__dict__))
    deleted.a = 1
    sizes.append(size(deleted.__dict__))
    del deleted_first.__dict__
    deleted_first.a = 1
    sizes.append(size(deleted_first.__dict__))
    print(kind.__name__, sizes)

print("slots that are there already")
for bases, slots in (
    ((), ("__weakref__", "__weakref__")),
    ((), ("__dict__", "__dict__")),
    ((int,), ("__weakref__",)),
    ((set,), ("__weakref__",)),
    ((Plain,), ("__weakref__",)),
    ((Plain,), ("__dict__",)),
):
    try:
        print(type("Slotted", bases, {"__slots__": slots}).__basicsize__)
    except TypeError as error:
        print(error)


class Target:
    def __bytes__(self):
        return b"bytes"

    def __index__(self):
        return 2

    def __reversed__(self):
        return iter("reversed")


class Callable(Target):
    def __call__(self):
        pass


print("proxies")
for target in (Target(), Callable()):
    proxy = weakref.proxy(target)
    print(bytes(proxy), [name for name in ("__bytes__", "__reversed__") if name in vars(type(proxy))])
    try:
        print(list(reversed(proxy)))
    except TypeError as error:
        print(error)

print("identity of short texts")
e = "é"
print(e is chr(233), eval('"é"') is chr(233), b"\xc3\xa9".decode() is chr(233), list("aé")[1] is chr(233))
print(str(5) is str(5), repr(5) is repr(5), chr(53) is chr(53), "a5"[1] is chr(53))

print("what cannot be raised")
for program in (
    "class A:\n  __del__ = None\nA()",
    "async def never(): pass\nnever()\ndef call():\n  never()\ncall()",
):
    for options in ([], ["-W", "error"]):
        done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
        lines = [line for line in done.stderr.splitlines() if "warnings.py" not in line]
        print(done.returncode, *(line.split(" at 0x")[0] for line in lines), sep="\n  ")
