"""namedtuple, OrderedDict, defaultdict, ChainMap."""
from collections import *
P = namedtuple("P", "x y", defaults=[5]); p = P(1); print(p, p.x, p._asdict(), p._replace(y=2), P._fields, P._field_defaults, p == (1, 5), P._make([3, 4]), hash(p) == hash((1, 5)))
o = OrderedDict(a=1, b=2, c=3); o.move_to_end("a"); o.move_to_end("c", last=False); print(o, o.popitem(), o.popitem(last=False), list(reversed(o)), OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {"a": 1})
d = defaultdict(list); d["k"].append(1); print(d, d["new"], len(d), d.get("zz"), defaultdict(int, a=1) | {"b": 2})
c = ChainMap({"a": 1}, {"a": 2, "b": 3}); print(c["a"], c["b"], dict(c), c.new_child({"a": 0})["a"], c.parents, len(c))
try: namedtuple("Q", "class def")
except ValueError as e: print(e)
try: P()
except TypeError as e: print(e)
