"""with: order, suppression, several managers."""
from contextlib import contextmanager, ExitStack, suppress, closing, nullcontext
class M:
    def __init__(self, n, eat=False): self.n, self.eat = n, eat
    def __enter__(self):
        print("enter", self.n)
        return self.n
    def __exit__(self, t, v, tb):
        print("exit", self.n, t and t.__name__)
        return self.eat
with M(1) as a, M(2, True) as b:
    print(a, b)
    raise ValueError
with (M(3), M(4) as d):
    print(d)
@contextmanager
def c():
    try:
        yield "value"
    except KeyError:
        print("swallowed")
with c() as v:
    raise KeyError(v)
with ExitStack() as stack:
    for i in range(2): stack.enter_context(M(i))
    stack.callback(print, "callback")
with suppress(ZeroDivisionError): 1 / 0
for bad in (1, object):
    try:
        with bad: pass
    except TypeError as error:
        print(error)
