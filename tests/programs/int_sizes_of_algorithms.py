"""Results of integer arithmetic at the sizes where one algorithm takes over from another."""
import hashlib
import math
import random
import sys

sys.set_int_max_str_digits(0)
chance = random.Random(5)
digest = hashlib.sha256()


def add(*values):
    digest.update(repr(values).encode())


def number():
    bits = chance.choice([1, 29, 30, 31, 59, 60, 61, 63, 64, 89, 90, 121, 150, 332, 700, 1300, 2000, 4000])
    value = chance.choice([chance.getrandbits(bits), (1 << bits) - 1, 1 << bits, (1 << bits) - chance.getrandbits(bits // 2 + 1)])
    return chance.choice([value, value, -value])


for _ in range(400):
    a, b, c = number(), number(), number()
    add(math.gcd(a, b), math.gcd(a * c, b * c), math.lcm(a, b), math.isqrt(abs(a)), math.isqrt(a * a))
    add(str(a), int(str(b)), hex(a), oct(b), bin(c), f"{a:,d}", "%x" % b)
    small = chance.randrange(1, 1 << 30)
    add(a // small, a % small, a // -small)
    if b:
        add(a // b, a % b, divmod(a * b + c, b))
    add(int(str(abs(a)), 11), int(str(abs(b)), 36))
print(digest.hexdigest())
for value in (10**2432, 10**4864, 10**9728, 7**20000, 2**30000):
    for near in (value - 1, value, value + 1):
        text = str(near)
        assert int(text) == near
        print(len(text), hashlib.sha256(text.encode()).hexdigest()[:16])
a, b = 1, 1
for _ in range(2000):
    a, b = a + b, a
print(math.gcd(a, b), math.gcd(a * 12345, b * 12345), math.gcd(a, a), math.gcd(a, 0), math.gcd(2**5000, 6**2000) == 2**2000)
