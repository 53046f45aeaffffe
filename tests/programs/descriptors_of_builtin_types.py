"""Method, member, getset and wrapper descriptors show what they are."""
import types
print(type(str.join), type(int.__add__), type(types.FunctionType.__code__), type(types.FunctionType.__globals__))
print(str.join, int.__add__, str.join.__objclass__, int.__add__.__name__)
print([].append.__name__, type([].append), type((5).__add__))
for call in (lambda: str.join(1), lambda: str.join(), lambda: int.__add__("a", 1), lambda: (5).__add__()):
    try:
        print(call())
    except TypeError as error:
        print(error)
print(type(dict.__dict__["fromkeys"]), int.__dict__["from_bytes"])
print(str.join.__doc__.splitlines()[0], str.join.__text_signature__)
