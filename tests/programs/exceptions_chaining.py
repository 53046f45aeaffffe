"""__cause__, __context__, suppression, notes."""
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("v") from e
except ValueError as e:
    print(repr(e.__cause__), e.__cause__ is e.__context__, e.__suppress_context__)
try:
    try:
        1 / 0
    finally:
        raise KeyError("k")
except KeyError as e:
    print(repr(e.__context__), e.__cause__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise TypeError("t") from None
except TypeError as e:
    print(e.__cause__, repr(e.__context__), e.__suppress_context__)
e = ValueError("x")
e.add_note("note 1")
e.add_note("note 2")
print(e.__notes__)
for bad in ("raise 1", "raise ValueError from 1", "raise", "raise int"):
    try:
        exec(bad)
    except (TypeError, RuntimeError) as error:
        print(type(error).__name__, error)
