"""__getattr__, __getattribute__, __setattr__, __delattr__, __dir__."""
class A:
    def __init__(self): self.real = 1
    def __getattr__(self, name): return f"made {name}"
    def __setattr__(self, name, value):
        print("set", name)
        object.__setattr__(self, name, value)
    def __delattr__(self, name):
        print("del", name)
        object.__delattr__(self, name)
    def __dir__(self): return ["z", "a"]
a = A()
print(a.real, a.other, dir(a))
del a.real
print(a.real)
class B:
    def __getattribute__(self, name):
        if name == "hidden":
            raise AttributeError("no " + name)
        return object.__getattribute__(self, name)
b = B()
b.hidden = 5
print(hasattr(b, "hidden"), getattr(b, "hidden", "default"), b.__dict__)
try:
    b.hidden
except AttributeError as error:
    print(error)
