"""Integers of one to some hundred digits: results agree with each other, and with CPython's by their hashes."""
import random
import sys

sys.set_int_max_str_digits(0)
chance = random.Random(2)


def results(x, y, n):
    yield from (x + y, x - y, y - x, -x, ~x, x * y, x * 10, 10 * y, x << n, x >> n, (x << n) >> n, x & y, x | y, x ^ y)
    yield from (x // (y or 1), x % (y or 1), *divmod(x * x, y or 1), x**3, pow(x, 3, abs(y) + 1), abs(x), int(str(x)), int(hex(y), 16))
    yield from (len(str(x)), len(bin(x)), len(oct(y)), len(hex(x)), x < y, x <= y, x == y, x.bit_length(), y.bit_count())
    x += y
    x -= 1
    x *= y
    yield x


print(hex(0), bin(0), oct(0), "%x %o" % (0, 0), format(0, "b"), str(0), int("0" * 50))
for n in [*range(1, 100), 120, 121, 122, 123, 124, 125, 200, 300]:
    power, digits = 10**n, 1 << 30 * n
    seen = []
    for x, y in [(power, power - 1), (power - 1, -power), (digits, digits - 1), (digits - 1, 1), (-digits, digits >> 1), (1, digits)]:
        seen += results(x, y, n)
    for _ in range(10):
        x, y = (chance.getrandbits(chance.randrange(1, 30 * n)) * chance.choice((1, -1)) for _ in range(2))
        assert x + y - y == x == x - y + y == (x ^ y) ^ y == (x << n) >> n == int(str(x)) == int(oct(x), 8)
        assert y == 0 or x * y // y == x and x // y * y + x % y == x
        seen += results(x, y, n)
    print(n, len(seen), hash(tuple(seen)))
