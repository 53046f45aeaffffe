"""`__set_name__`, `__class_getitem__`, `__prepare__`, `__mro_entries__`, `__instancecheck__`: the hooks around a class."""


class Named:
    def __set_name__(self, owner, name):
        print("named", owner.__name__, name, hasattr(owner, "after"))
        self.name = name


class Owner:
    one = Named()
    two = three = Named()
    after = 1


print(Owner.two.name)
Owner.late = Named()
print(hasattr(Owner.late, "name"))


class Bad:
    def __set_name__(self, owner, name):
        raise ValueError("no")


try:
    class Broken:
        item = Bad()
except RuntimeError as error:
    print(error, repr(error.__cause__))


class Order(type):
    @classmethod
    def __prepare__(meta, name, bases, **keywords):
        print("prepare", name, [base.__name__ for base in bases], keywords)
        return {"given": 1}

    def __new__(meta, name, bases, namespace, **keywords):
        print("new", name, sorted(key for key in namespace if not key.startswith("__")), keywords)
        return super().__new__(meta, name, bases, dict(namespace))

    def __init__(cls, name, bases, namespace, **keywords):
        print("init", name, keywords)
        super().__init__(name, bases, namespace)

    def __call__(cls, *arguments):
        print("call", cls.__name__, arguments)
        return super().__call__(*arguments)

    def __instancecheck__(cls, instance):
        return instance == 5

    def __subclasscheck__(cls, other):
        return other is int


class Made(metaclass=Order, flag=True):
    attribute = given + 1


print(Made.attribute, isinstance(5, Made), isinstance(6, Made), issubclass(int, Made), isinstance(Made(), Made), type(Made()).__name__)


class Entries:
    def __mro_entries__(self, bases):
        print("entries", len(bases))
        return (dict, )


class FromEntries(Entries(), list if False else object):
    pass


print(FromEntries.__bases__, FromEntries.__orig_bases__[1])
try:
    type("X", (Entries(),), {})
except TypeError as error:
    print(error)


class Generic:
    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item!r}]"


class Derived(Generic):
    pass


print(Generic[int], Derived[1, 2], Generic.__class_getitem__("x"))
try:
    Owner[int]
except TypeError as error:
    print(error)
try:
    Generic()[0]
except TypeError as error:
    print(error)
for make in (lambda: type("A", (), {"__slots__": "x"})().x, lambda: type("A", (int, str), {}), lambda: type("A", (bool,), {}), lambda: type("A", (object, Owner), {}), lambda: type("A", (Owner, Owner), {}), lambda: type(1, (), {}), lambda: type("A", [], {}), lambda: type("A\0", (), {}), lambda: type("A", (1,), {})):
    try:
        print(make())
    except (TypeError, AttributeError, ValueError) as error:
        print(type(error).__name__, error)
