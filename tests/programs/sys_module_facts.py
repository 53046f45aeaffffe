"""What sys tells of the language, not of the machine."""
import sys
print(sys.version_info[:2], sys.maxsize, sys.maxunicode, sys.byteorder, sys.implementation.cache_tag, sys.float_info.dig, sys.int_info.bits_per_digit, sys.hash_info.modulus, sys.getrecursionlimit(), sys.flags.optimize, sys.getdefaultencoding(), sys.intern("a") is sys.intern("a"))
print([sys.getsizeof(x) for x in (None, True, 0, 1, 2 ** 30, 2 ** 60, 1.5, 1j, "", "a", b"", (), (1,), [], {}, set(), frozenset(), range(1), slice(1), object(), len, lambda: 0, {"a": 1}, bytearray(), memoryview(b""), type("X", (), {})(), iter([]), enumerate([]), Exception())])
sys.setrecursionlimit(100)
def f(n): return f(n + 1)
try: f(0)
except RecursionError as e: print(e)
for bad in (0, -1, "x"):
    try: sys.setrecursionlimit(bad)
    except Exception as e: print(type(e).__name__, e)
sys.setrecursionlimit(1000); old = sys.displayhook; sys.displayhook = lambda x: print("shown", x); exec(compile("1 + 1", "c", "single")); sys.displayhook = old
print(sys._getframe().f_code.co_name, sys._getframe().f_lineno, sys.exc_info(), sys.is_finalizing(), sys.call_tracing(max, (1, 2)))
