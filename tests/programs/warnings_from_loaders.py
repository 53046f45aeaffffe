"""`warn_explicit` asks the loader of `module_globals` for the line."""
import sys
import _warnings


class Loader:
    def __init__(self, source):
        self.source = source

    def get_source(self, name):
        print("asked for", name)
        return self.source


_warnings.filters.insert(0, ("always", None, Warning, None, 0))
sys.stderr = sys.stdout
for globals in ({"__loader__": Loader("one\n  two\nthree"), "__name__": "m"}, {}, None, 3, {"__loader__": 1, "__name__": "m"}, {"__loader__": Loader("")},
                {"__loader__": Loader(None), "__name__": "m"}, {"__loader__": Loader(3), "__name__": "m"}, {"__loader__": Loader("one"), "__name__": "m"}):
    try:
        _warnings.warn_explicit("look", UserWarning, "nowhere.py", 2, module_globals=globals)
    except (TypeError, IndexError) as error:
        print(type(error).__name__, error)
