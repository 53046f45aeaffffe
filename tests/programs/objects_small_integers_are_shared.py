"""Integers from -5 to 256 exist once."""
for number in (-6, -5, 0, 256, 257):
    print(number, int(str(number)) is int(str(number)))
print(chr(97) is chr(97), "".join(["a"]) is "a", () is tuple([]), b"" is bytes(0), frozenset() is frozenset())
