"""Closures keep variables, not values."""
def counter():
    count = 0
    def up():
        nonlocal count
        count += 1
        return count
    def show(): return count
    return up, show
up, show = counter()
up(), up()
print(show(), up.__closure__[0] is show.__closure__[0], up.__code__.co_freevars)
functions = [lambda: i for i in range(3)]
print([f() for f in functions])
functions = [lambda i=i: i for i in range(3)]
print([f() for f in functions])
def unbound():
    def f(): return later
    try:
        f()
    except NameError as error:
        print(error)
    later = 1
    print(f())
    del later
    try:
        f()
    except NameError as error:
        print(error)
unbound()
def local():
    try:
        print(x)
    except UnboundLocalError as error:
        print(error)
    x = 1
local()
