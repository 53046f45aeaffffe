"""id(), is and == of lists, of singletons, of small integers and of constants."""
a = [1, 2, 3]
b = [1, 2, 3]
c = a
print(id(a) == id(c), id(a) == id(b))
print(a is c)
print(a is b)
print(a == b)
a = None
b = None
print(a is b)
x = 256
y = 256
print(x is y)
x = 257
y = 257
print(x is y)  # Constants of one compilation.
x = 257
exec("y = 257")
print(x is y)
print([int("256") is int("256"), int("257") is int("257"), int("-5") is int("-5"), int("-6") is int("-6")])
