"""A built-in function that lacks an argument says so before it tells of a keyword that it does not know."""
import gc
import sys

for call in (lambda: int.from_bytes(x=1), lambda: (1).to_bytes(x=1), lambda: sum(x=1), lambda: sum(), lambda: sum(start=1), lambda: print(x=1),
             lambda: open(x=1), lambda: compile(x=1), lambda: compile("a", "b", x=2), lambda: memoryview(x=1), lambda: pow(x=1, exp=2),
             lambda: int.from_bytes(z=2, bytes=b"a", y=3), lambda: sys.getsizeof(x=1), lambda: sys.getsizeof(1, y=2),
             lambda: gc.set_threshold(), lambda: gc.set_threshold(1, 2, 3, 4), lambda: gc.set_threshold(x=1), lambda: gc.set_threshold("a"),
             lambda: gc.set_threshold(1, 2**40)):
    try:
        print(call())
    except (TypeError, OverflowError) as error:
        print(type(error).__name__, error)
