"""`eval`, `exec` and `compile`: namespaces, modes, code objects with free variables, builtins that are replaced, closures for `exec`."""
space = {}
exec("x = 1", space)
print(sorted(space), space["__builtins__"]["len"] is len)
print(eval("  \t1 + 2"), eval(b"'\xc3\xa9'"), eval(compile("5", "f", "eval")), exec("pass"), eval(compile("x = 5", "f", "exec"), {}))
for source, mode in (("1", "single"), ("x = 1", "eval"), ("", "eval"), ("", "exec"), ("", "single"), ("1\n2", "single"), ("1;2", "single"), ("if 1: pass", "single"), ("1 2", "eval"), ("1\n\n\n", "eval"), ("1 # comment", "eval"), ("\n1", "eval"), ("\\\n1", "eval"), ("\ufeff1", "exec"), ("x", "nothing")):
    try:
        code = compile(source, "<c>", mode)
        print(repr(source), mode, exec(code) if mode != "eval" else eval(code), code.co_name)
    except (SyntaxError, ValueError) as error:
        print(repr(source), mode, type(error).__name__, error)
for arguments in (("x", {}, []), ("x", []), ("x", {"x": 1}, None), ("x", None, {"x": 2}), ("1", {"__builtins__": {}}), ("len('a')", {"__builtins__": {}}), ("len('a')", {"__builtins__": {"len": lambda value: "mine"}}), ("len", {"__builtins__": 5})):
    try:
        print(arguments[0], eval(*arguments))
    except Exception as error:
        print(arguments[0], type(error).__name__, error)


class Mapping:
    def __getitem__(self, key):
        if key == "given":
            return 7
        raise KeyError(key)

    def keys(self):
        return ["given"]


print(eval("given + len('ab')", {}, Mapping()), eval("[given for _ in 'a']", {"given": 8}, Mapping()), eval("dir()", {}, Mapping()))
try:
    exec("given = 1", {}, Mapping())
except TypeError as error:
    print(error)


class Default(dict):
    def __missing__(self, key):
        return f"<{key}>"


print(eval("anything", {}, Default()), eval("(lambda: len)()", Default()) is len)
try:
    print(eval("(lambda: anything)()", Default()))
except NameError as error:
    print(error)


def outer():
    free = 1

    def inner():
        return free
    return inner


import types
inner = outer()
for code, keywords in ((inner.__code__, {}), (inner.__code__, {"closure": inner.__closure__}), (inner.__code__, {"closure": ()}), (inner.__code__, {"closure": (1,)}), ("1", {"closure": inner.__closure__}), (compile("1", "f", "exec"), {"closure": inner.__closure__}), (inner.__code__, {"closure": (types.CellType(5),)})):
    try:
        print(exec(code, {}, **keywords))
    except TypeError as error:
        print(error)
try:
    eval(inner.__code__)
except TypeError as error:
    print(error)
exec("def made(): return where", {"where": "there", **space}, space)
try:
    space["made"]()
except NameError as error:
    print(error)
code = compile("a = 1\nb: int = 2\nprint(__annotations__)", "f", "exec")
exec(code, {"__annotations__": {}} if False else {})
for flags, dont in ((0x1000000, True), (1 << 40, True), (0x0100 << 12, False)):
    try:
        print(compile("1", "f", "eval", flags, dont).co_flags)
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)
for optimize in (-2, -1, 0, 2, 3):
    try:
        print(optimize, eval(compile("__debug__", "f", "eval", optimize=optimize)))
    except ValueError as error:
        print(optimize, error)
print(eval("__debug__"), eval("__import__('sys').getsizeof is not None"), eval("(yield_ := 5)"), compile("x", "f", "eval").co_filename)
for name in (b"bytes.py", "é.py", 5):
    try:
        print(compile("x", name, "eval").co_filename)
    except TypeError as error:
        print(error)
