"""A variable is a name for an object; an object has an identity, a type and a value."""
x = 42
y = x
print(x is y)
print(f"identity: {id(x) == id(y)} {isinstance(id(x), int)}")
print(f"type: {type(x)}")
print(f"value: {x}")
