"""Generator expressions are lazy, but for the first iterable."""
def show(x):
    print("eval", x)
    return x
g = (show(i) for i in show([1, 2]))
print("made")
print(next(g))
try:
    (x for x in 5)
except TypeError as error:
    print(error)
g = (1 / x for x in [1, 0])
print(next(g))
try:
    next(g)
except ZeroDivisionError:
    print("zero")
print(list(g), sum(x * x for x in range(5)), any(x > 2 for x in range(5)))
a = [1, 2, 3]
g = (x for x in a)
a.append(4)
print(list(g))
print(type(g).__name__, g.__name__, g.__qualname__)
