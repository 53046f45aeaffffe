"""Floats: text, rounding, special values."""
for x in (0.1, 1e16, 1e15, 1e-5, 0.0001, 123456789.123, 1 / 3, 2.0, -0.0, 1e308 * 10, float("nan"), 5e-324, 1.7976931348623157e308, 0.1 + 0.2):
    print(repr(x), x.hex(), x.is_integer() if x == x and abs(x) != float("inf") else "-", f"{x:.3g}")
print(round(0.5), round(1.5), round(2.5), round(2.675, 2), round(1e20), round(-1.5), round(1234.5678, -2), round(0.1, 20))
print(float("1e5"), float(" inf "), float("-Infinity"), float("1_0.5"), float.fromhex("0x1.8p3"), (0.75).as_integer_ratio(), 7.5 // 2, -7.5 % 2, divmod(7.5, -2), 2 ** 0.5, (-8) ** (1 / 3))
print(1e400 == float("inf"), 0.0 == -0.0, 1 < float("nan"), float("nan") != float("nan"), min(1.0, float("nan")), hash(0.5), hash(1e300), hash(float("inf")), 10 ** 20 == 1e20, 2 ** 53 + 1 == float(2 ** 53 + 1))
import math
print(math.floor(-1.5), math.ceil(1.2), math.trunc(-1.7), math.fsum([0.1] * 10), math.gcd(12, 18), math.lcm(4, 6), math.comb(10, 3), math.isqrt(99), math.factorial(20), math.hypot(3, 4), math.copysign(1, -0.0), math.nextafter(1, 2), math.ulp(1.0), math.frexp(8), math.ldexp(0.5, 4), math.modf(2.5), math.dist((0, 0), (3, 4)), math.prod([1, 2, 3]), math.isclose(0.1 + 0.2, 0.3))
