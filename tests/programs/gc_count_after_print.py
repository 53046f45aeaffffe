"""What calls of `print` add to the collector's count, and what a cleared frame keeps."""
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
