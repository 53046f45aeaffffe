"""match: class patterns and __match_args__."""
class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
def f(p):
    match p:
        case P(0, y=0): return "origin"
        case P(x, y) if x == y: return f"diagonal {x}"
        case P(x=1): return "x is one"
        case P(): return "point"
        case int(5): return "five"
for p in (P(0, 0), P(2, 2), P(1, 5), P(3, 4), 5, 6):
    print(f(p))
for code in ("P(1, 2, 3)", "P(1, x=1)", "int(1, 2)"):
    try:
        exec(f"match P(1, 1) if {code!r}[0] == 'P' else 1:\n case {code}: pass")
    except TypeError as error:
        print(error)
for code in ("case a: pass\n case b: pass", "case a | b: pass", "case [x, x]: pass", "case {**r, 'a': 1}: pass"):
    try:
        compile("match 1:\n " + code, "m", "exec")
    except SyntaxError as error:
        print(error.msg)
