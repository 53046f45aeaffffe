"""`nonlocal` and `global`: what they bind, in classes, lambdas and `exec`, and what the compiler refuses."""
level = "module"


def outer():
    level = "outer"

    def reads():
        return level

    def writes():
        nonlocal level
        level = "written"

    def global_one():
        global level
        level = "global written"
        return level

    class Body:
        level = "class"
        seen = level

        def method(self):
            return level

    print(reads(), Body.seen, Body().method())
    writes()
    print(reads(), global_one(), level, reads.__closure__[0].cell_contents)


outer()
print(level)


def counters():
    made = []
    for number in range(3):
        def counter():
            nonlocal number
            number += 10
            return number
        made.append(counter)
    return [counter() for counter in made], [counter() for counter in made]


print(counters())


def unbound():
    def early():
        return later

    try:
        early()
    except NameError as error:
        print(type(error).__name__, error)
    later = 1
    return early()


print(unbound())


def class_scope():
    value = "function"

    class Inner:
        value = "class"
        print(value)
        listed = [value for _ in range(1)]
        first = [item for item in value][0]
        del value

    return Inner.listed, Inner.first


print(class_scope())


class Implicit:
    def method(self):
        return __class__, super().__init__.__name__

    @staticmethod
    def other():
        return __class__.__name__


print(Implicit().method()[0] is Implicit, Implicit.other())
space = {"number": 1}
exec("global number\nnumber = 2\nother = 3", space)
print(space["number"], space["other"])
separate = {}
exec("def f():\n global number\n number = 5\nf()\nlocal = number", space, separate)
print(space["number"], separate["local"], sorted(separate))
try:
    exec("hidden = 1\ndef f(): return hidden\nf()", {}, {})
except NameError as error:
    print(error)
print(eval("[level for _ in 'a']"), eval("(lambda: level)()"), eval("x + y", {"x": 1}, {"y": 2}))


def local_exec():
    value = 1
    exec("value = 2")
    print(value, locals())
    there = locals()
    exec("fresh = 3", globals(), there)
    return there["fresh"]


print(local_exec())
for source in ("nonlocal x", "def f():\n nonlocal x", "def f(x):\n nonlocal x", "def f(x):\n global x", "def f():\n x = 1\n global x", "def f():\n print(x)\n global x", "def f():\n x: int\n global x", "def f():\n global x\n nonlocal x", "def f():\n x = 1\n def g():\n  x = 2\n  nonlocal x", "class A:\n nonlocal x", "def f():\n x = 1\n class A:\n  nonlocal x\n  x = 2", "def f():\n global x\n x: int = 1", "def f():\n global __class__", "def f():\n nonlocal __class__", "x = 1\nglobal x", "def f(a, a): pass", "lambda a, a: 0", "def f():\n for x in y:\n  pass\n nonlocal x", "def f():\n import x\n global x", "def f(a):\n def g():\n  nonlocal a\n  def h():\n   nonlocal a", "def f():\n def g(): nonlocal z", "global x, x\nx = 1", "def f():\n [x := 1 for y in z]\n global x", "def f():\n class x: pass\n global x", "def f():\n with a as x: pass\n global x", "def f():\n try: pass\n except E as x: pass\n global x", "def f():\n from m import *"):
    try:
        compile(source, "<s>", "exec")
        print("compiles")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset)
