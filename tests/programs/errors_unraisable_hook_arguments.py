"""What sys.unraisablehook is given, and what it does by default."""
import contextlib
import io
import sys


class Bad:
    def __del__(self):
        raise ValueError("in a destructor")

    def __repr__(self):
        return "<bad>"


seen = []
sys.unraisablehook = seen.append
bad = Bad()
del bad
[args] = seen
print(type(args), type(args).__mro__, len(args))
print(args.exc_type, args.exc_value, args.exc_traceback.tb_frame.f_code.co_name, args.err_msg, args.object.__name__)

text = io.StringIO()
with contextlib.redirect_stderr(text):
    sys.__unraisablehook__(args)
print("Exception ignored in: <function Bad.__del__" in text.getvalue(), text.getvalue().splitlines()[-1])


def failing(args):
    raise KeyError("hook")


sys.unraisablehook = failing
text = io.StringIO()
with contextlib.redirect_stderr(text):
    bad = Bad()
    del bad
lines = text.getvalue().splitlines()
print(lines[0].startswith("Exception ignored in sys.unraisablehook: <function failing at 0x"), lines[1], lines[-1])

try:
    sys.__unraisablehook__(42)
except TypeError as error:
    print(error)
sys.unraisablehook = sys.__unraisablehook__
del args, seen
