"""str.format: fields, conversions, nesting, errors."""
class A:
    x = [1, {"k": "v"}]
    def __format__(self, spec): return f"<{spec}>"
    def __repr__(self): return "A!"
print("{} {} {0!r:>5}".format("a", "b") if False else "{0} {1} {0!r:>5}".format("a", "b"))
print("{a.x[1][k]} {b!s} {c!a} {0:{1}}".format(A(), "spec", a=A(), b=1, c="é"))
print("{{}} {:{}{}{}}".format(5, "*", "^", 9), "{:%Y}".format(A()))
for text, args in (("{}{0}", (1,)), ("{", ()), ("}", ()), ("{!x}", (1,)), ("{a}", ()), ("{1}", (1,)), ("{0.y}", (A(),)), ("{0[z]}", ({},)), ("{:{:{}}}", (1, 2, 3)), ("{!}", (1,)), ("{0[}", (1,)), ("{0!rr}", (1,))):
    try:
        print(text.format(*args))
    except Exception as error:
        print(text, type(error).__name__, error)
print("{x}{y}".format_map({"x": 1, "y": 2}), "%(a)s %(b)05.1f %%" % {"a": 1, "b": 2.25})
import string
print(string.Template("$a ${b} $$").substitute(a=1, b=2), list(string.Formatter().parse("a{b!r:c}d")))
