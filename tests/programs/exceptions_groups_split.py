"""Groups of exceptions: `except*` takes out what fits, the rest goes on; split, subgroup, derive, notes and causes."""
import traceback


def leaf(kind, text):
    try:
        raise kind(text)
    except kind as error:
        return error


def tree(error, depth=0):
    print("  " * depth + f"{type(error).__name__}({error.args[0]!r})", [type(note).__name__ for note in getattr(error, "__notes__", [])])
    for inner in getattr(error, "exceptions", ()):
        tree(inner, depth + 1)


group = ExceptionGroup("top", [leaf(ValueError, "a"), ExceptionGroup("inner", [leaf(TypeError, "b"), leaf(ValueError, "c")]), leaf(OSError, "d")])
tree(group)
match, rest = group.split(ValueError)
tree(match)
tree(rest)
print(group.split(KeyError)[0], group.subgroup(lambda error: True) is group, group.subgroup((OSError, TypeError)).exceptions[0].message)
try:
    try:
        raise group
    except* ValueError as caught:
        print("values", [str(error) for error in caught.exceptions], caught is group)
        tree(caught)
    except* TypeError as caught:
        tree(caught)
        raise KeyError("while handling")
except ExceptionGroup as error:
    print("left:")
    tree(error)
try:
    try:
        raise ValueError("plain")
    except* ValueError as caught:
        print(type(caught).__name__, repr(caught.message), caught.exceptions)
        raise
except ExceptionGroup as error:
    tree(error)
for arguments in ((), ("x",), ("x", []), ("x", [1]), (1, [ValueError()]), ("x", ValueError()), ("x", [KeyboardInterrupt()]), ("x", {ValueError()})):
    try:
        print(repr(ExceptionGroup(*arguments)))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
print(repr(BaseExceptionGroup("base", [KeyboardInterrupt()])), type(BaseExceptionGroup("made", [ValueError()])).__name__)


class Mine(ExceptionGroup):
    def derive(self, exceptions):
        return Mine(self.message + "!", exceptions)


match, rest = Mine("mine", [ValueError(1), TypeError(2)]).split(TypeError)
print(repr(match), repr(rest), match.__cause__, match.__context__)
for source in ("try:\n pass\nexcept* ValueError:\n break", "def f():\n try:\n  pass\n except* ValueError:\n  return", "try:\n pass\nexcept*:\n pass", "try:\n pass\nexcept* A:\n pass\nexcept B:\n pass", "for x in y:\n try:\n  pass\n except* A:\n  continue"):
    try:
        compile(source, "<p>", "exec")
    except SyntaxError as error:
        print(error.msg, error.lineno)
try:
    try:
        raise ExceptionGroup("x", [ValueError()])
    except* ExceptionGroup:
        pass
except TypeError as error:
    print(error)
error = ExceptionGroup("shown", [leaf(ValueError, "first"), ExceptionGroup("deep", [leaf(TypeError, "second")])])
error.add_note("a note")
for line in traceback.format_exception(error):
    for part in line.splitlines():
        if "File" not in part and "raise kind" not in part and "^" not in part:
            print(part)
