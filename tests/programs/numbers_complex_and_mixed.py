"""complex, bool, Fraction and Decimal together."""
from fractions import Fraction
from decimal import Decimal, getcontext
z = 3 + 4j
print(z, abs(z), z.conjugate(), z * 1j, z ** 2, z / (1 - 1j), complex("1-2j"), complex(1, -0.0), -0j, 1j == 1j, hash(1 + 0j) == hash(1), repr(complex(float("nan"), float("inf"))))
print(True + True, True * 3.5, isinstance(True, int), sum([True, False, True]), ~True, True & False, True | 2)
print(Fraction(1, 3) + Fraction(1, 6), Fraction("0.125"), Fraction(0.5), Fraction(3, 4) ** 2, Fraction(7, 3) // 1, float(Fraction(1, 8)), Fraction(1, 2) == 0.5, hash(Fraction(1, 2)) == hash(0.5))
print(Decimal("0.1") + Decimal("0.2"), Decimal(1) / Decimal(7), Decimal("1.50").normalize(), Decimal("2.5").quantize(Decimal("1")), Decimal("NaN"), Decimal("1E+5"), round(Decimal("2.675"), 2))
for f in (lambda: z < 1, lambda: int(z), lambda: Decimal("x"), lambda: Fraction(1, 0), lambda: 0j ** -1, lambda: Decimal(1) + 1.0):
    try:
        print(f())
    except Exception as error:
        print(type(error).__name__)
