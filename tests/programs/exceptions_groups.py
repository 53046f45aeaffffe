"""except* splits groups."""
def run(exc):
    try:
        raise exc
    except* ValueError as g:
        print("values", g.exceptions)
    except* (TypeError, KeyError) as g:
        print("types", g.exceptions)
    else:
        print("else")
    finally:
        print("finally")
run(ExceptionGroup("g", [ValueError(1), TypeError(2), ExceptionGroup("n", [ValueError(3), KeyError(4)])]))
run(ValueError("naked"))
try:
    run(ExceptionGroup("g", [OSError(1), ValueError(2)]))
except ExceptionGroup as g:
    print("rest", g.exceptions)
g = ExceptionGroup("msg", [ValueError(1), ExceptionGroup("i", [TypeError(2)])])
match, rest = g.split(TypeError)
print(repr(match), repr(rest), g.subgroup(lambda e: isinstance(e, ValueError)))
print(str(g), g.message, g.derive([OSError()]))
for args in (("m",), ("m", []), ("m", [1]), (1, [ValueError()]), ("m", [KeyboardInterrupt()])):
    try:
        ExceptionGroup(*args)
    except (TypeError, ValueError) as error:
        print(error)
print(type(BaseExceptionGroup("b", [ValueError()])).__name__)
