"""partial, reduce, total_ordering, cache, partialmethod."""
import functools, operator
p = functools.partial(int, base=2); print(p("101"), p.func, p.args, p.keywords, functools.partial(p, "11")(), p)
print(functools.reduce(operator.add, [1, 2, 3], 10), functools.reduce(lambda a, b: a * b, range(1, 6)))
@functools.total_ordering
class V:
    def __init__(s, v): s.v = v
    def __eq__(s, o): return s.v == o.v
    def __lt__(s, o): return s.v < o.v
print(V(1) <= V(1), V(2) > V(1), V(1) >= V(2))
class C:
    def f(self, a, b): return a, b
    g = functools.partialmethod(f, 1)
print(C().g(2))
calls = []
@functools.cache
def f(x): calls.append(x); return x
f(1); f(1); f(2); print(calls, f.cache_info()); f.cache_clear(); print(f.cache_info())
try: functools.reduce(operator.add, [])
except TypeError as e: print(e)
