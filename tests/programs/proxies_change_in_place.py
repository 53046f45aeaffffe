"""Operators in place reach through a weak proxy, all of them; a proxy and an array have no hash."""
import array
import weakref


class Target:
    def __getattr__(self, name):
        raise AttributeError(name)


for name in "add sub mul matmul mod truediv floordiv pow lshift rshift and xor or".split():
    setattr(Target, f"__i{name}__", lambda self, other, name=name: f"{name} {other}")
target = Target()
for operator in "+ - * @ % / // ** << >> & ^ |".split():
    scope = {"proxy": weakref.proxy(target)}
    exec(f"proxy {operator}= 1", scope)
    print(operator, scope["proxy"])
for value in (weakref.proxy(target), array.array("i")):
    print(type(value).__hash__)
    try:
        hash(value)
    except TypeError as error:
        print(error)
