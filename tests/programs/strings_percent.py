"""The old formatting."""
print("%s %r %a %c %c" % ("é", "é", "é", 65, "B"))
print("%d %i %u %x %X %o %#x %#o %+d % d %05d %-5d|" % (1, 2.9, 3, 255, 255, 8, 255, 8, 1, 1, 42, 7))
print("%e %E %f %F %g %G %.3f %10.2f %-10.1f|" % (1.5, 1.5, 1.5, 1.5, 1e10, 1e-10, 3.14159, 2.5, 2.5))
print("%*d %.*f %%" % (5, 42, 2, 3.14159), "%s" % (1,), "%s" % [1, 2], "%(x)s" % {"x": 1}, b"%d %s %b" % (1, b"x", b"y"))
for text, args in (("%d", "a"), ("%d %d", 1), ("%d", (1, 2)), ("%z", 1), ("%", 1), ("%(a)s", 1), ("%c", "ab"), ("%c", -1), ("%(a)s", {}), ("%x", 1.5), ("%s", ())):
    try:
        print(text % args)
    except Exception as error:
        print(text, type(error).__name__, error)

# The least width has no opposite; CPython takes it for none.
print("%*s|" % (-2 ** 63, "x"), "%*d|" % (-2 ** 63, 3), b"%*s|" % (-2 ** 63, b"x"))
