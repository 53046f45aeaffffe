"""`add_note` and `__notes__`, as tracebacks show them, odd notes too."""
import traceback

error = ValueError("what")
print(hasattr(error, "__notes__"))
error.add_note("first")
error.add_note("second\nwith a line")
print(error.__notes__)
print("".join(traceback.format_exception_only(error)))
for bad in (1, None, b"x"):
    try:
        error.add_note(bad)
    except TypeError as problem:
        print(problem)
error.__notes__ = "not a list"
try:
    error.add_note("x")
except TypeError as problem:
    print(problem)
print("".join(traceback.format_exception_only(error)))


class Odd:
    def __str__(self):
        raise RuntimeError


error.__notes__ = ["fine", 5, Odd(), ("a", "tuple")]
print("".join(traceback.format_exception_only(error)))
error.__notes__ = 17
print("".join(traceback.format_exception_only(error)))
del error.__notes__
error.add_note("again")
print(error.__notes__, BaseException("x").add_note("y"))
