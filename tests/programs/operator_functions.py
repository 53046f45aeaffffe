"""The operator module."""
import operator as o
print(o.itemgetter(1)("abc"), o.itemgetter(0, 2)("abc"), o.attrgetter("real", "imag")(1 + 2j), o.methodcaller("upper")("a"), o.add(1, 2), o.contains([1], 1), o.truth([]), o.index(5), o.concat([1], [2]), o.countOf("aab", "a"), o.indexOf("abc", "c"), o.iadd([1], [2]), o.not_(0), o.is_(None, None), o.length_hint([1]), o.matmul.__name__)
for f in (lambda: o.itemgetter(), lambda: o.itemgetter("x")([]), lambda: o.attrgetter("a.b")(1), lambda: o.index(1.0)):
    try: f()
    except Exception as e: print(type(e).__name__, e)
