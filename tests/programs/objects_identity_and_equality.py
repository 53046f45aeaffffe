"""Identity and equality are different questions."""
a = [1, 2]
b = [1, 2]
print(a == b, a is b, a is not b)
nan = float("nan")
print(nan == nan, nan in [nan], [nan] == [nan], (nan,) == (nan,))
print(1 == 1.0 == True, hash(1) == hash(1.0) == hash(True))
print({1: "int", 1.0: "float", True: "bool"})
class Always:
    def __eq__(self, other): return True
print(Always() == 3, 3 == Always(), Always() != 3, Always.__hash__)
print(None is None, ... is Ellipsis, NotImplemented is NotImplemented)
