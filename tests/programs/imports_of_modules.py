"""Modules: attributes, reload, sys.modules, errors."""
import sys, importlib, importlib.util, types, os, tempfile
with tempfile.TemporaryDirectory() as d:
    sys.path.insert(0, d); sys.dont_write_bytecode = True
    def w(n, t):
        p = os.path.join(d, n); os.makedirs(os.path.dirname(p), exist_ok=True); open(p, "w").write(t)
    w("m1.py", "x = 1\nprint('m1 runs', __name__)"); w("p/__init__.py", "from . import a\n__all__ = ['a', 'b']"); w("p/a.py", "from .b import y\nimport p"); w("p/b.py", "y = 5"); w("c1.py", "import c2\nv = 1"); w("c2.py", "import c1\nprint(hasattr(c1, 'v'))\nfrom c1 import v"); w("ns/sub.py", "z = 3"); w("bad.py", "1/0"); w("syn.py", "x ="); w("g.py", "def __getattr__(n): return n.upper()\ndef __dir__(): return ['q']")
    import m1, m1 as again; print(m1 is again, m1.x, m1.__spec__.name, m1.__package__ == ""); m1.x = 9; importlib.reload(m1); print(m1.x)
    import p.a; from p import *; print(b.y, p.a.y, sorted(n for n in sys.modules if n.split(".")[0] == "p"), p.__path__ == [os.path.join(d, "p")])
    try: import c1
    except ImportError as e: print(str(e).replace(d, "D"), e.name)
    import ns.sub; print(ns.sub.z, ns.__file__ if hasattr(ns, "__file__") else None, type(ns.__path__).__name__)
    for n in ("bad", "syn", "nope", "p.nope", "m1.x", ""):
        try: importlib.import_module(n)
        except Exception as e: print(n, type(e).__name__, str(e).replace(d, "D"), n in sys.modules)
    import g; print(g.abc, dir(g)); from g import hello; print(hello)
    try: from m1 import zzz
    except ImportError as e: print(str(e).replace(d, "D"))
    sys.modules["blocked"] = None
    try: import blocked
    except ImportError as e: print(e)
    print(importlib.util.find_spec("m1").origin == os.path.join(d, "m1.py"), importlib.util.find_spec("nope"), importlib.util.resolve_name(".a", "p"))
m = types.ModuleType("made", "doc"); m.x = 1; print(m, m.__doc__, vars(m)["x"], m.__loader__); exec("from math import pi as p2"); print(round(p2, 2))
try: exec("from . import x", {"__name__": "__main__", "__package__": None})
except ImportError as e: print(e)
