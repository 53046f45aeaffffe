"""__new__ may return anything; __init__ runs only on instances."""
class A:
    def __new__(cls, *args):
        print("new", cls.__name__, args)
        return object.__new__(cls) if args else 5
    def __init__(self, *args): print("init", args)
print(A())
A(1)
class I(int):
    def __new__(cls, value): return super().__new__(cls, value * 2)
print(I(4), type(I(4) + 1).__name__, I(4).__class__.__name__)
for call in (lambda: object(1), lambda: object.__new__(int), lambda: object.__new__(1), lambda: int.__new__(str)):
    try:
        call()
    except TypeError as error:
        print(error)
class Bad:
    def __init__(self): return 1
try:
    Bad()
except TypeError as error:
    print(error)
class N(tuple):
    def __new__(cls, *items): return super().__new__(cls, items)
print(N(1, 2), N(1, 2) == (1, 2))
