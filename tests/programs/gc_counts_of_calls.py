"""What calls of `print`, classes and `super` add to the collector's count, and what a cleared frame keeps."""
import gc
import io
import sys

gc.disable()
stream = io.StringIO()
counts = []
for call in (
    lambda: None,
    lambda: print(file=stream),
    lambda: print("one", file=stream),
    lambda: print("one", "two", file=stream),
    lambda: print("one", "two", "three", sep="", end="", file=stream),
    lambda: stream.write("one"),
):
    call()
    gc.collect()
    before = gc.get_count()[0]
    call()
    between = gc.get_count()[0]
    call()
    counts.append((between - before, gc.get_count()[0] - between))
print(counts)

kept = []


class Base:
    pass


def define():
    class Plain:
        def method(self):
            pass

    kept.append(Plain)


def derive():
    class Derived(Base):
        __slots__ = ()

    kept.append(Derived)


counts = []
for call in (define, derive, lambda: type("Named", (), {}), lambda: super(Base, Base())):
    call()
    gc.collect()
    before = gc.get_count()[0]
    call()
    between = gc.get_count()[0]
    call()
    counts.append((between - before, gc.get_count()[0] - between))
print(counts)
for arguments in ((), (1,), (Base, 1), (Base, Base(), 1)):
    try:
        super(*arguments)
    except (TypeError, RuntimeError) as error:
        print(error)


class Shown:
    def __str__(self):
        return str(sys.getrefcount(self))


shown = Shown()
print(shown, Shown(), *[shown])


class Loud:
    def __del__(self):
        print("freed")


def ended():
    local = Loud()
    return sys._getframe()


frame = ended()
frame.clear()
print("cleared")
frame = ended()
print(list(frame.f_locals))
frame.clear()
print("cleared with a dictionary of locals")
print(frame.f_locals)
frame = ended()
names = frame.f_locals
frame.clear()
print(frame.f_locals is names, names)
namespace = {}
exec("import sys\nframe = sys._getframe()", namespace)
frame = namespace["frame"]
frame.clear()
print(frame.f_locals is namespace)
