"""Warnings that the compiler and the runtime give: category, text, line; filters turn them into errors."""
import sys
import warnings


def shown(source, action="always"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        try:
            exec(compile(source, "<w>", "exec"), {})
        except BaseException as error:
            print(repr(source), "raises", type(error).__name__, error, getattr(error, "lineno", None), getattr(error, "offset", None))
    for warning in caught:
        print(repr(source), warning.category.__name__, warning.message, warning.lineno, warning.filename)


for source in ("1 is 1", "x = 1\nx is 'a'", "x = 1\nx is not ()", "assert (1, 'x')", "'a'()" if False else "x = lambda: 'a'()", "x = lambda: 1[2]()", "x = lambda: [1]['a']", "x = lambda: 'a'['b']", "x = lambda: (1)(2)", "x = lambda: {1}[0]", "x = '\\d'", "x = b'\\d'", "x = f'\\d{1}'", "x = '\\400'", "x = b'\\777'", "x = '''a\n\\q'''", "1if 1else 2", "x = [1or 2]", "x = 1_0and 3", "def f():\n  return 1.0in [1]", "class A:\n x: 'a'[1.5]", "~True", "int('1').__index__()", "x = None is None", "x = 1 == 1 is True"):
    shown(source)
for source in ("1 is 1", "x = '\\d'", "x = 1\nassert (x, 'y')", "x = [\n '\\z']", "0x1for x in (1,)"):
    shown(source, "error")
shown("import warnings\ndef f():\n warnings.warn('deep', stacklevel=2)\nf()")
shown("import warnings\nwarnings.warn('w', ResourceWarning, 1)\nwarnings.warn(UserWarning('x'))\nwarnings.warn_explicit('e', DeprecationWarning, 'file.py', 7)")
for bad in ("warnings.warn(1, int)", "warnings.warn('x', 'y')", "warnings.warn('x', stacklevel='y')", "warnings.simplefilter('nothing')", "warnings.warn_explicit()", "warnings.filterwarnings('error', message=5)", "warnings.warn()"):
    try:
        eval(bad)
    except (TypeError, AssertionError, ValueError) as error:
        print(bad, type(error).__name__, error)
with warnings.catch_warnings(record=True) as caught:
    warnings.resetwarnings()
    warnings.filterwarnings("ignore", "skip", UserWarning)
    warnings.filterwarnings("error", ".*bad", module="__main__")
    warnings.warn("skip this")
    try:
        warnings.warn("a bad one")
    except UserWarning as error:
        print("raised", error)
    for _ in range(3):
        warnings.warn("default, once for each place")
print([str(warning.message) for warning in caught])
print(sys.warnoptions, warnings.formatwarning("m", UserWarning, "f.py", 3, "the line"), end="")
