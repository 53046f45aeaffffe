"""`round` to places before and behind the point, of floats, integers and numbers of one's own."""
for value in (0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e16 + 1, 5e-324, -0.0):
    print(value, round(value), round(value, 0), round(value, 2), round(value, -1))
for value in (5, 15, 25, -5, -15, 12345, 10**30 + 5 * 10**9):
    print(value, [round(value, -places) for places in (0, 1, 2, 9, 10, 40)])
print(round(1234.5678, 10**9), round(1234.5678, -(10**9)), round(1e308, -308), round(True), round(True, 1))
for bad in (float("nan"), float("inf"), -float("inf")):
    try:
        print(round(bad))
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)
    print(round(bad, 3))
try:
    round(1.7e308, -308)
except OverflowError as error:
    print(error)


class Own:
    def __round__(self, digits="none"):
        return f"rounded to {digits}"


print(round(Own()), round(Own(), None), round(Own(), 3), round(Own(), ndigits=4))
for arguments in (("x",), (1, "x"), (1.5, 2.5), ()):
    try:
        round(*arguments)
    except TypeError as error:
        print(error)
