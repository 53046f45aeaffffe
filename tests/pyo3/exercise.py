"""Calls the extension `pyo3_exercise`, whose folder is the first argument, and prints what it gives."""
import gc
import sys
import weakref

sys.path.insert(0, sys.argv[1])
import pyo3_exercise as ext
from pyo3_exercise import Countdown, Holder, Point


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


print(ext.__doc__, Point.__doc__, Point.__text_signature__, Point.shouted.__doc__)
point = Point(1.5, name="corner")
print(point, point.x, point.shouted, point + Point(1, 2), len(point), list(point), point < Point(9), point == Point(1.5))
point.y = 4
point.extra = [1]
print(point, vars(point), Point.origin(), Point.named("other").shouted)
attempt(lambda: Point.origin().shouted)
attempt(Point, "no")
attempt(Point)
attempt(Point, 1, 2, 3)
attempt(lambda: point[2])
attempt(lambda: point + 1)
attempt(setattr, point, "x", "wide")
attempt(delattr, point, "x")


class Sub(Point):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls, *args, **kwargs)

    def __repr__(self):
        return "Sub of " + super().__repr__()


print(Sub(3), Sub(3) + point, isinstance(Sub(1), Point), Sub.named("sub"))
print(list(Countdown(4)), sum(Countdown(5)))
attempt(Countdown, -1)
attempt(Countdown, 2**40)
print(ext.count_words("a b a c b a"), ext.all_of(1, "x", key=[2]), ext.all_of())
print(ext.call_back(lambda n: n * 2, [1, 2, 3]), ext.call_back(int, ["1", "x", "3"]))
attempt(ext.call_back, lambda n: 1 / 0, [1])
attempt(ext.call_back, lambda n: "text", [1])
attempt(ext.fail, "as asked")
print(ext.ExerciseError.__mro__, ext.ExerciseError.__doc__, ext.ExerciseError.__module__)
try:
    ext.panics()
except BaseException as error:
    print(type(error).__name__, type(error).__mro__[1:3], error)
print(ext.sum_in_thread([1, 2, 3], lambda total: total * 10))
attempt(ext.sum_in_thread, [1], lambda total: 1 / 0)
print(ext.reversed_bytes(b"abc"), ext.describe("naïve"), ext.describe(2**100), ext.describe(point), ext.describe(-1))
attempt(ext.reversed_bytes, "text")
holder = Holder(None)
holder.hold([holder])
gone = weakref.ref(point)
del holder, point
print(gc.collect() > 0, gone())
