"""meta_path, path_hooks, builtins.__import__, zip archives."""
import sys, importlib.abc, importlib.util, builtins, zipfile, tempfile, os
class F(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None): return importlib.util.spec_from_loader(name, self) if name == "virtual" else None
    def create_module(self, spec): return None
    def exec_module(self, module): module.value = 42
sys.meta_path.insert(0, F()); import virtual; print(virtual.value, virtual.__spec__.loader is sys.meta_path[0], str(virtual)[:16])
real = builtins.__import__
def fake(name, *a, **k): print("importing", name); return real(name, *a, **k)
builtins.__import__ = fake
try: import os.path, math
finally: builtins.__import__ = real
with tempfile.TemporaryDirectory() as d:
    z = os.path.join(d, "a.zip")
    with zipfile.ZipFile(z, "w") as f: f.writestr("zm.py", "v = 7"); f.writestr("zp/__init__.py", "from .q import w"); f.writestr("zp/q.py", "w = 8")
    sys.path.insert(0, z); import zm, zp; print(zm.v, zp.w, type(zm.__loader__).__name__, zm.__file__.replace(z, "Z")); sys.path.remove(z)
