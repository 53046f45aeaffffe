"""Import statements: what is bound, errors, `__all__`, relative imports, attributes of modules, circular imports."""
import os
import sys
import tempfile
import textwrap

folder = tempfile.mkdtemp()
files = {
    "plain.py": "value = 1\n_hidden = 2\n__all__ = ['value', 'missing']\n",
    "hides.py": "shown = 1\n_hidden = 2\n",
    "wrong_all.py": "__all__ = [1]\n",
    "pack/__init__.py": "from . import one\nname = __name__\n",
    "pack/one.py": "from .two import two\nfrom .. import nothing if False else two\n".replace("from .. import nothing if False else two\n", "where = __package__\n"),
    "pack/two.py": "two = 2\n",
    "pack/up.py": "from ... import x\n",
    "circle_a.py": "import circle_b\nx = 1\n",
    "circle_b.py": "from circle_a import x\n",
    "fails.py": "1 / 0\n",
    "syntax.py": "x = = 1\n",
    "lazy.py": "def __getattr__(name):\n    if name == 'dynamic':\n        return 'made'\n    raise AttributeError(f'no {name}')\ndef __dir__():\n    return ['dynamic']\n",
    "replaces.py": "import sys\nsys.modules[__name__] = 5\n",
    "removes.py": "import sys\ndel sys.modules[__name__]\n",
}
for name, text in files.items():
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
for source in ("import nothing_there", "import os.nothing", "import sys.path", "from nothing import x", "import pack.nothing", "import pack.one as o; print(o.where)", "import pack.two; print(pack.two.two)", "from pack import one, two, name; print(name)", "from pack.one import two as t; print(t)", "import pack.up", "from . import x", "from .x import y", "from plain import *", "from hides import *; print(sorted(k for k in locals() if 'h' in k and k[0] != 's'))", "from wrong_all import *", "import circle_a", "import fails", "import syntax", "import lazy; print(lazy.dynamic, dir(lazy))", "import lazy; lazy.other", "from lazy import dynamic, other", "import replaces; print(replaces)", "import removes", "import os as o, sys as s; print(o.__name__, s.__name__)", "from os.path import join as j, split; print(j('a', 'b'))", "import plain; print(plain.nothing)", "import sys; sys.modules['blocked'] = None\nimport blocked", "__import__('pack.two', fromlist=['x']).two", "print(__import__('pack.two').__name__)", "__import__('x', level=1)", "__import__('x', {}, {}, [], -1)", "__import__('x', {'__package__': 5}, {}, [], 1)", "__import__('os', fromlist=5)", "from os import path as p, sep as p; print(p)", "import plain; del plain.value; plain.value", "import plain; plain.__name__ = 'renamed'; print(plain.__name__, type(plain).__name__)", "from plain import value", "import importlib; importlib.reload(__import__('plain')); from plain import value; print(value)", "from __future__ import nothing", "from __future__ import braces", "x = 1\nfrom __future__ import annotations"):
    try:
        exec(source, {"__name__": "test", "__builtins__": __builtins__})
        print(repr(source), "done")
    except BaseException as error:
        print(repr(source), type(error).__name__, str(error).replace(folder, "FOLDER"), getattr(error, "name", None))
