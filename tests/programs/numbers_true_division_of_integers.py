"""Quotients of integers of any size are rounded once, to the nearest float; the signs of remainders follow the divisor."""
print(1 / 3, 10**400 / 10**399, (2**53 + 1) / 1, (2**1074) / (2**1075), 1 / 2**1074, 3 / 2**1075, 1 / 2**1075)
print((10**309 - 1) / 10, -(2**200) / 3, 7 / -2, 0 / -5)
for left, right in ((10**400, 1), (1, 0), (0, 0)):
    try:
        print(left / right)
    except ArithmeticError as error:
        print(type(error).__name__, error)
for left in (7, -7, 2**70 + 3, -(2**70) - 3):
    for right in (3, -3, 2**65, -(2**65)):
        print(left // right, left % right, divmod(left, right) == (left // right, left % right))
for left, right in ((1.5, 0.5), (-1.5, 1.0), (5.5, -2.0), (-0.0, 3.0), (1e300, 1e-10), (float("inf"), 2.0), (3.0, float("inf")), (-3.0, float("inf"))):
    print(left // right, left % right, divmod(left, right))
for operation in ("1 // 0", "1 % 0", "1.0 // 0", "1.0 % 0", "divmod(1, 0)", "divmod(1.0, 0)", "1 / 0", "1.0 / 0", "0 ** -1", "0.0 ** -1", "pow(2, -1, 4)", "pow(2, 3, 0)", "1j / 0", "0j ** -1", "2 << -1", "1 >> -1", "2.0 ** 10000", "(-8) ** (1/3)"):
    try:
        print(operation, eval(operation))
    except (ArithmeticError, ValueError) as error:
        print(operation, type(error).__name__, error)
