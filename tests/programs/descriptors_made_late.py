"""Classes of class attributes that become descriptors after the attribute was read many times."""


def tried(read, made, *names):
    class Late: pass
    owner = made(Late())
    for _ in range(100):
        read(owner)
    before = read(owner)
    if "get" in names: Late.__get__ = lambda self, instance, cls: lambda *a: "get"
    if "set" in names: Late.__set__ = lambda self, instance, value: print("set", value)
    return before if not callable(before) else before(), [str(read(owner))[:9] for _ in range(3)]


def with_value(late):
    class C:
        x = late
        def __init__(self): self.x = "own"
    return C()


def with_call(late):
    class C:
        x = late
        def __init__(self): self.x = lambda: "own"
    return C()


def class_call(late):
    type(late).__call__ = lambda self: "called"
    class C:
        x = late
    return C


def store(owner):
    owner.x = "new"


print(tried(lambda o: o.x, with_value, "get", "set"))
print(tried(lambda o: o.x, with_value, "get"))
print(tried(lambda o: o.x(), with_call, "get", "set"))
print(tried(lambda o: o.x(), class_call, "get"))
print(tried(store, with_value, "set"))
