"""The attributes of functions: what may be set, to what, and what calls do then."""
def function(a, b=2, /, c=3, *args, d, e=5, **kw) -> "result":
    """Docstring."""
    return a, b, c, args, d, e, kw


print(function.__defaults__, function.__kwdefaults__, function.__annotations__, function.__doc__, function.__module__, function.__closure__)
function.__defaults__ = (20, 30)
function.__kwdefaults__ = {"d": 40, "e": 50}
print(function(1), function(1, d=0, f=6))
function.__defaults__ = None
for name, value in (("__defaults__", [1]), ("__kwdefaults__", ()), ("__code__", 5), ("__name__", 5), ("__qualname__", None), ("__annotations__", 5), ("__dict__", 5), ("__closure__", ()), ("__globals__", {})):
    try:
        setattr(function, name, value)
        print(name, "set")
    except (TypeError, AttributeError) as error:
        print(name, type(error).__name__, error)
try:
    function(1)
except TypeError as error:
    print(error)


def other(x):
    return "other", x


def closing():
    cell = 1

    def inner():
        return cell
    return inner


function.__code__ = other.__code__
print(function(9), function.__name__, function.__code__.co_name)
try:
    function.__code__ = closing().__code__
except ValueError as error:
    print(error)
inner = closing()
inner.__closure__[0].cell_contents = "changed"
print(inner())
del inner.__closure__[0].cell_contents
for use in (inner, lambda: inner.__closure__[0].cell_contents):
    try:
        use()
    except (NameError, ValueError) as error:
        print(type(error).__name__, error)
function.attribute = 1
function.__dict__["item"] = 2
print(function.item, vars(function), function.__name__)
function.__name__, function.__qualname__ = "renamed", "place.renamed"
print(repr(function)[:25])
try:
    function()
except TypeError as error:
    print(error)
import types
made = types.FunctionType(other.__code__, {"__builtins__": {}}, "made", (7,))
print(made(), made.__module__, made.__builtins__, made.__name__)
for arguments in ((5, {}), (other.__code__, 5), (other.__code__, {}, 5), (other.__code__, {}, "n", 5), (other.__code__, {}, "n", (), 5), (closing().__code__, {}), (closing().__code__, {}, "n", None, ()), (closing().__code__, {}, "n", None, (5,)), ()):
    try:
        types.FunctionType(*arguments)
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
method = types.MethodType(other, "self")
print(method(), method.__self__, method.__func__ is other, method == types.MethodType(other, "self"), method.attribute if hasattr(method, "attribute") else "none")
try:
    method.attribute = 1
except AttributeError as error:
    print(error)
for arguments in ((5, 5), (other,), (other, None)):
    try:
        types.MethodType(*arguments)
    except TypeError as error:
        print(error)
def annotated(a: int, *b: str, c: "later" = 1, **d: float) -> None: ...
print(annotated.__annotations__, annotated.__annotations__ is annotated.__annotations__)
del annotated.__annotations__
print(annotated.__annotations__, (lambda: 0).__annotations__)
code = annotated.__code__
print(code.co_varnames, code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_flags, code.co_nlocals, code.replace(co_name="other").co_name)
