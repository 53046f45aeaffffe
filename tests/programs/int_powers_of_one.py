"""Powers of 0, 1 and -1 are small, however large the exponent is."""
for base in (0, 1, -1, True, False):
    for exponent in (0, 1, 2, 10**15, 10**15 + 1, 2**63, 2**64 - 1, 2**64, 10**30, 10**30 + 1):
        print(base, exponent, base ** exponent, pow(base, exponent), pow(base, exponent, 7), pow(base, exponent, -7))
for base in (2, -3, 2**30, -10**20):
    print(base ** 0, base ** 1, base ** 5, pow(base, 10**15, 10**9 + 7), pow(base, -3, 10**9 + 7))
for act in (lambda: pow(2, -1, 4), lambda: pow(1, 10**15, 0)):
    try:
        print(act())
    except ValueError as error:
        print(type(error).__name__, error)
