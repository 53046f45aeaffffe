"""Properties, slots and attribute access: messages, deletion, inheritance, conflicts, docstrings."""
class WithProperty:
    @property
    def readable(self):
        """The docstring."""
        return 1

    @readable.getter
    def readable(self):
        return 2

    write_only = property(fset=lambda self, value: print("set", value))
    nothing = property()

    @property
    def raising(self):
        raise AttributeError("inside")


item = WithProperty()
for source in ("item.readable", "item.readable = 1", "del item.readable", "item.write_only", "item.write_only = 5", "del item.write_only", "item.nothing", "item.nothing = 1", "item.raising", "item.missing", "WithProperty.missing", "item.__dict__ = 5", "item.__class__ = 5", "item.__class__ = int", "item.__class__ = WithSlots", "del item.__class__", "del item.__dict__", "item.readable.missing", "WithProperty.readable.fget(item)", "WithProperty.readable.__doc__", "WithProperty.readable.__set_name__(1)", "WithProperty.readable.__get__(None, WithProperty) is WithProperty.readable", "item.readible", "item.__weakref__", "item.__dict__['readable'] = 9; print(item.readable)"):
    try:
        print(source, "->", eval(source) if "=" not in source.replace("==", "") and not source.startswith("del") else exec(source))
    except Exception as error:
        print(source, "->", type(error).__name__, error)


class WithSlots:
    __slots__ = ("one", "__private", "two")
    default = 5

    def __init__(self):
        self.__private = "p"


class Derived(WithSlots):
    __slots__ = {"three": "documentation"}


class Open(WithSlots):
    pass


slotted = WithSlots()
for source in ("slotted.one", "slotted.one = 1", "slotted.other = 1", "slotted.default = 1", "del slotted.two", "slotted.__dict__", "slotted.__weakref__", "WithSlots.one", "WithSlots.one.__get__(5)", "WithSlots.one.__set__(5, 1)", "Derived.three.__doc__", "Derived().three", "Open().anything", "vars(Open())", "slotted.__slots__", "slotted.__class__ = Derived", "slotted._WithSlots__private", "Derived().__class__ = WithSlots"):
    try:
        print(source, "->", eval(source) if "=" not in source and not source.startswith("del") else exec(source))
    except Exception as error:
        print(source, "->", type(error).__name__, error)
for body in ({"__slots__": "a b"}, {"__slots__": ["a", "a"]}, {"__slots__": 5}, {"__slots__": [5]}, {"__slots__": "x", "x": 1}, {"__slots__": ["__dict__", "__dict__"]}, {"__slots__": ["__weakref__", "__dict__"]}, {"__slots__": ("é",)}, {"__slots__": ("1a",)}, {"__slots__": iter(["p", "q"])}, {"__slots__": ("__class__",)}, {"__slots__": ("__qualname__",)}):
    try:
        made = type("Made", (), dict(body))
        print(sorted(name for name in vars(made) if not name.startswith("__")), made.__slots__ if not hasattr(made.__slots__, "__next__") else "iterator")
    except (TypeError, ValueError) as error:
        print(body["__slots__"] if not hasattr(body["__slots__"], "__next__") else "", type(error).__name__, error)
for bases in ((WithSlots, type("Other", (), {"__slots__": "z"})), (int, WithSlots), (WithSlots, Open), (Open, WithSlots)):
    try:
        type("Both", bases, {})
        print("fine")
    except TypeError as error:
        print(error)
for base in (int, bytes, tuple):
    try:
        type("X", (base,), {"__slots__": "a"})
        print("fine")
    except TypeError as error:
        print(error)


class Hooks:
    def __getattribute__(self, name):
        if name == "known":
            return 1
        raise AttributeError(f"own {name}")

    def __getattr__(self, name):
        return f"fallback {name}"

    def __setattr__(self, name, value):
        print("setattr", name)

    def __delattr__(self, name):
        print("delattr", name)

    def __dir__(self):
        return ["z", "a"]


hooks = Hooks()
hooks.x = 1
del hooks.x
print(hooks.known, hooks.other, dir(hooks), hasattr(hooks, "anything"), getattr(hooks, "q", "default"))
for call in (lambda: getattr(5, "x"), lambda: getattr(5, 5), lambda: setattr(5, "x", 1), lambda: delattr(5, "x"), lambda: object().x, lambda: setattr(object(), "x", 1), lambda: (5).__class__.x, lambda: None.x, lambda: setattr(int, "x", 1), lambda: delattr(int, "real"), lambda: len.x, lambda: setattr(len, "x", 1), lambda: (lambda: 0).x, lambda: setattr(type, "x", 1), lambda: [].append.x, lambda: hasattr(1, 1)):
    try:
        print(call())
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
