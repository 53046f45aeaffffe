"""`del` of names, attributes, items and slices; what a name that is not bound says."""
def attempt(source, names=None):
    names = {} if names is None else names
    try:
        exec(source, names)
        print(repr(source), "done")
    except BaseException as error:
        print(repr(source), type(error).__name__, error)


def local():
    value = 1
    del value
    try:
        value
    except UnboundLocalError as error:
        print(error)
    try:
        del value
    except UnboundLocalError as error:
        print(error)


def cell():
    value = 1

    def inner():
        return value

    del value
    try:
        inner()
    except NameError as error:
        print(error, error.name)
    value = 2
    return inner()


local()
print(cell())
for source in ("del x", "x = 1\ndel x\nx", "x = [1, 2, 3]\ndel x[0], x[-1]\nprint(x)", "x = [1, 2, 3, 4]\ndel x[::2]\nprint(x)", "x = (1,)\ndel x[0]", "x = 'a'\ndel x[0]", "x = {}\ndel x['k']", "x = {'k': 1}\ndel x['k']\nprint(x)", "del (a, b)", "a = b = c = 1\ndel (a, [b, c])\nprint('a' in globals())",
               "class A: y = 1\ndel A.y\nprint(hasattr(A, 'y'))", "class A: pass\ndel A.y", "class A: pass\ndel A().y", "class A: __slots__ = 'y'\nx = A()\nx.y = 1\ndel x.y\nx.y", "class A: __slots__ = 'y'\nx = A()\ndel x.y", "del int.real", "del (5).real", "del len.__name__", "def f(): pass\ndel f.__name__", "def f(): pass\ndel f.__defaults__, f.__kwdefaults__\nprint(f.__defaults__)", "def f(): pass\ndel f.__code__",
               "class A:\n x = 1\n del x\n print('x' in dir())", "import sys\ndel sys.nothing", "x = [1]\ndel x[5]", "x = [1]\ndel x['a']", "x = range(3)\ndel x[0]", "x = bytearray(b'abc')\ndel x[1]\nprint(x)", "x = {1}\ndel x[1]", "del None.x", "class P:\n @property\n def x(self): return 1\ndel P().x", "class M(type):\n def __delattr__(c, n): print('gone', n)\nclass A(metaclass=M): pass\ndel A.anything", "class D:\n def __delete__(s, i): print('deleted', i is not None)\nclass A: d = D()\ndel A().d", "try:\n raise ValueError\nexcept ValueError as e:\n pass\ne", "try:\n raise ValueError\nexcept ValueError as e:\n del e\nprint('fine')", "for i in []: pass\ni", "[q for q in 'a']\nq", "global g\ng = 1\ndel g\ng"):
    attempt(source)
for source in ("del 1", "del f()", "del a + b", "del a, b + c", "del (a, 1)", "del a if b else c", "del *a", "del (yield)", "del __debug__", "del None", "del {}", "del x for x in y", "del", "del a.b.c, d[0][1]", "del [a, (b, [])]", "del 'x'", "del lambda: 0", "del (a := 1)", "del not a", "del -a", "del a < b", "del f'{a}'", "del {a: b}", "del ()"):
    try:
        compile(source, "<d>", "exec")
        print(repr(source), "compiles")
    except SyntaxError as error:
        print(repr(source), error.msg, error.offset, error.end_offset)
