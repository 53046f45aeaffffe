"""Numbers that are equal have equal hashes, whatever their types; the modulus is 2**61 - 1."""
import sys
from decimal import Decimal
from fractions import Fraction

print(sys.hash_info.modulus == 2**61 - 1, sys.hash_info.inf, sys.hash_info.imag, sys.hash_info.width)
for value in (0, 1, -1, -2, 2**61 - 1, 2**61, -(2**61), 2**200, True):
    print(value, hash(value), hash(float(value)) == hash(value), hash(complex(value)) == hash(value), hash(Fraction(value)) == hash(value))
for value in (0.5, 1e300, -2.5, 5e-324, float("inf"), -float("inf")):
    print(value, hash(value))
print(hash(Fraction(1, 3)), hash(Fraction(-7, 2**61 - 1)), hash(Decimal("0.5")) == hash(0.5), hash(3 + 4j), hash(-1j))
print({1: "int", 1.0: "float", True: "bool", 1 + 0j: "complex"}, {0.5, Fraction(1, 2), Decimal("0.5")})


class Wide:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return self.value


for value in (2**61 - 1, 2**63, -1, 2**64 + 5, True):
    print(hash(Wide(value)))
for bad in ("x", 1.5, None):
    try:
        hash(Wide(bad))
    except TypeError as error:
        print(error)
