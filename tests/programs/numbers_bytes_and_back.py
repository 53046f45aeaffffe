"""`to_bytes` and `from_bytes`: length, order and sign, and what does not fit."""
for value, length, order, signed in ((0, 0, "big", False), (255, 1, "little", False), (-1, 3, "big", True), (-128, 1, "big", True), (2**63, 8, "little", False), (1000, 4, "little", True)):
    data = value.to_bytes(length, order, signed=signed)
    print(value, data, int.from_bytes(data, order, signed=signed) == value)
print((5).to_bytes(), int.from_bytes([1, 2, 3]), int.from_bytes(b""), int.from_bytes(bytearray(b"\xff\xff"), signed=True), int.from_bytes((0x80, 0), "little", signed=True))
for arguments, keywords in (((256, 1), {}), ((-1, 4), {}), ((128, 1), {"signed": True}), ((1, -1), {}), ((1, 1, "middle"), {}), ((1, "x"), {}), ((0, 0), {"signed": True}), ((-1, 0), {"signed": True})):
    try:
        print(int.to_bytes(*arguments, **keywords))
    except (OverflowError, ValueError, TypeError) as error:
        print(type(error).__name__, error)
for bad in ([256], [-1], "ab", 5, ["x"], None):
    try:
        print(int.from_bytes(bad))
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)


class Count(int):
    pass


print(type(Count.from_bytes(b"\x05")).__name__, type(bool.from_bytes(b"\x00")).__name__, bool.from_bytes(b"\x07"))
