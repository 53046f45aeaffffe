"""Positional-only, keyword-only, defaults, and the errors of calls."""
def f(a, b=2, /, c=3, *args, d, e=5, **kw): return a, b, c, args, d, e, kw
print(f(1, d=4))
print(f(1, 2, 3, 4, 5, d=6, x=7, a=8))
for call in ("f()", "f(1)", "f(1, d=1, d2=2, **{'d': 3})", "f(b=1, d=2)", "f(*1)", "f(**1)", "f(1, 2, **{1: 2}, d=1)"):
    try:
        print(eval(call))
    except TypeError as error:
        print(error)
def g(x, y): pass
for call in ("g(1)", "g(1, 2, 3)", "g(1, x=2)", "g(z=1)", "g()", "g(1, 2, z=3)"):
    try:
        eval(call)
    except TypeError as error:
        print(error)
def h(*, k1, k2): pass
for call in ("h()", "h(k1=1)", "h(1)", "h(1, k1=1, k2=2)"):
    try:
        eval(call)
    except TypeError as error:
        print(error)
def m(a=[]):
    a.append(1)
    return a
print(m(), m(), m.__defaults__)
