"""`format`, `str.format` and `%`: what is refused, and in which words."""
class Own:
    def __format__(self, spec):
        return f"<{spec}>"

    def __str__(self):
        return "str"

    def __repr__(self):
        return "repr"


class Bad:
    def __format__(self, spec):
        return 5

    def __str__(self):
        return 5

    def __repr__(self):
        return 5


for template, arguments in (("{", ()), ("}", ()), ("{0", (1,)), ("{!", (1,)), ("{0!}", (1,)), ("{0!z}", (1,)), ("{0!rr}", (1,)), ("{0!r:>5}", (1,)), ("{} {1}", (1, 2)), ("{1} {}", (1, 2)), ("{a}", ()), ("{0.x}", (1,)), ("{0[x]}", ([1],)), ("{0[0]}", ([1],)), ("{0[-1]}", ([1],)), ("{0[9999999999999999999999]}", ([1],)), ("{0.}", (1,)), ("{0[]}", (1,)), ("{0[a}", ({"a": 1},)), ("{0[a]b}", ({"a": 1},)), ("{0:{1}}", (1, 5)), ("{0:{1:{2}}}", (1, 2, 3)), ("{:{}{}}", (5, ">", 4)), ("{0:{{}}}", (1,)), ("{{{0}}}", (1,)), ("{:d}", ("a",)), ("{:s}", (1,)), ("{:c}", (0x110000,)), ("{:c}", (-1,)), ("{:5}", ([],)), ("{}", (Own(),)), ("{:abc}", (Own(),)), ("{!r} {!s} {!a}", (Own(), Own(), "é")), ("{}", (Bad(),)), ("{!s}", (Bad(),)), ("{!r}", (Bad(),)), ("{0.__class__.__name__} {0.real}", (5,)), ("{99999999999999999999}", ()), ("{-1}", (1,)), ("{ 0}", (1,)), ("{0 }", (1,)), ("{:>{width}}", (1,))):
    try:
        print(repr(template), "->", template.format(*arguments))
    except Exception as error:
        print(repr(template), "->", type(error).__name__, error)
for value in (5, 5.5, "text", True, 1j, None, -0.0):
    for spec in ("", "d", "f", "s", "x", "c", "5", "<8", "=8", "08", "+", " ", "#x", ",", "_", "_x", ",x", ".2", ".2f", "%", "e", "n", "z", "zf", "10.3", "é^9", "b", "#o", ",.2f", ".0f", "g", "5s", ".2s", "=5s", "r", "0=5", "-", "++", "1.", "a5", "G", "_e", "z.0f"):
        try:
            print(repr(value), spec, "->", repr(format(value, spec)), end="; ")
        except Exception as error:
            print(repr(value), spec, "->", type(error).__name__, error, end="; ")
    print()
for template, argument in (("%d", "x"), ("%d", 1.9), ("%d", None), ("%x", 1.5), ("%c", "ab"), ("%c", -1), ("%c", 1.5), ("%s %s", (1,)), ("%s", (1, 2)), ("%", 1), ("%(a", {}), ("%(a)s", 5), ("%(a)s", {}), ("%(a)s %s", {"a": 1}), ("%*d", (5, 1)), ("%*d", ("x", 1)), ("%.*f", (2, 3.14159)), ("%y", 1), ("%5%", ()), ("%-5d|", 3), ("%+d % d", (1, 2)), ("%#x %#o %#X", (255, 8, 255)), ("%05.1f", 2.25), ("%.3s", "abcdef"), ("%r %a", ("é", "é")), ("%i %u", (1, 2)), ("%e %E %g %G", (1.0, 1.0, 1e20, 1e-9)), ("%ld %hd", (1, 2)), ("%s", ()), ("x", 1), ("x", (1,)), ("x", {}), ("x", []), ("%(x)s %(x)r", {"x": Own()}), ("%s", Bad()), ("%99999999999999999999d", 1), ("%.99999999999999999999f", 1.0), ("%(a)(b)s", {"a": 1}), ("%f", "x"), ("%o", -9), ("%.5d", 42), ("%+.3e", -12345.678), ("% 08.3f", 3.14159), ("%#.0f %#g", (1.0, 1.0))):
    try:
        print(repr(template), "->", template % argument)
    except Exception as error:
        print(repr(template), "->", type(error).__name__, error)
try:
    format("a", "\ud800x")
except ValueError as error:
    print(ascii(str(error)))
