"""property: getters, setters, deleters, copies, docs."""
class C:
    def __init__(self): self._x = 0
    @property
    def x(self):
        "the x"
        return self._x
    @x.setter
    def x(self, value): self._x = value
    @x.deleter
    def x(self): print("deleted")
    read_only = property(lambda self: 7)
    write_only = property(None, lambda self, v: None)
c = C()
c.x = 3
print(c.x, C.x.__doc__, C.x.fget.__name__)
del c.x
for action in (lambda: setattr(c, "read_only", 1), lambda: delattr(c, "read_only"), lambda: c.write_only):
    try:
        action()
    except AttributeError as error:
        print(error)
class D(C):
    @C.x.getter
    def x(self): return "D"
print(D().x, isinstance(D.x, property))
