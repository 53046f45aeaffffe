"""exec, eval, compile, globals, locals."""
ns = {}; exec("x = 1\ndef f(): return x", ns); print(ns["f"](), sorted(k for k in ns if k != "__builtins__"), "__builtins__" in ns)
print(eval("a + b", {"a": 1}, {"b": 2}), eval(compile("1 + 1", "c", "eval")), exec(compile("y = 5", "c", "exec"), ns), ns["y"])
def f():
    a = 1; exec("a = 2"); l = locals(); l["a"] = 3; return a, sorted(locals())
print(f(), "f" in globals(), eval("__name__"), eval("[i for i in range(2)]"))
class M(dict):
    def __missing__(self, k): return f"<{k}>"
print(eval("anything", {}, M()))
for code, mode in (("1 +", "eval"), ("x = 1", "eval"), ("1; 2", "eval"), ("\n  1", "exec"), ("a b", "exec"), ("", "eval"), ("1\n2", "single")):
    try: compile(code, "c", mode); print("ok")
    except SyntaxError as e: print(type(e).__name__, e.msg)
for g in (lambda: eval(1), lambda: exec("1", []), lambda: compile("1", "c", "zz"), lambda: eval("x", {"__builtins__": {}}), lambda: compile("a\0b", "c", "exec")):
    try: g()
    except Exception as e: print(type(e).__name__, e)
