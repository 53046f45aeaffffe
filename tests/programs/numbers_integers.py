"""Integers of any size."""
print(2 ** 200, -7 // 2, -7 % 3, 7 // -2, 7 % -3, divmod(-7, 2), 7 & -2, 7 | -8, 5 ^ -1, ~5, 1 << 100 >> 98, -1 >> 10)
print(int("0x1f", 16), int("0b101", 0), int(" 42 "), int("1_000"), int("z", 36), int(3.99), int(-3.99), int(b"12"), int("-0"))
print((255).bit_length(), (5).bit_count(), (1000).to_bytes(2, "big"), int.from_bytes(b"\x01\x00", "little"), (-1).to_bytes(2, "big", signed=True), (3).as_integer_ratio())
print(10 ** 18 * 10 ** 18 // 10 ** 17, (10 ** 50) % 97, pow(3, 1000, 7), pow(3, -1, 7), 12345678901234567890 * 98765432109876543210)
print(hash(2 ** 61 - 1), hash(2 ** 61), hash(-1), hash(-2), hash(10 ** 30), bin(-5), oct(64), hex(255), f"{10**20:,}", round(1234, -2), round(-15, -1), round(25, -1))
for f in (lambda: 1 // 0, lambda: 1 % 0, lambda: 2 ** -1, lambda: int("1" * 5000), lambda: int(""), lambda: (300).to_bytes(1, "big"), lambda: (-1).to_bytes(1, "big"), lambda: 1 << (1 << 100), lambda: int("5", 1)):
    try:
        print(f())
    except Exception as error:
        print(type(error).__name__, error)
