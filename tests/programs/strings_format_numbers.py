"""The format mini-language for numbers."""
for spec in ("", "d", "5", "<5", "^5", "05", "+", " ", ",", "_", "b", "o", "x", "X", "#x", "#b", "#o", "c", "e", "f", ".2f", "g", "%", "n", "*^9", "=+6", "010,"):
    print(repr(spec), format(65, spec))
for spec in ("", ".3", "e", "E", ".0f", "#.0f", "10.2f", "<10.2f", "+.1f", ",.2f", "_.3f", "g", "G", "%", ".1%", "010.3f", "z.0f", "n", ".15g", "r" if False else "g"):
    print(repr(spec), format(1234.5678, spec), format(-0.0001, spec))
print(format(1 + 2j, ".2f"), format(1 + 2j, ""), format(float("nan"), "5"), format(float("inf"), "05"), format(True, "d"), format(True, ""))
for value, spec in ((1, "s"), (1, ".2"), (1.0, "d"), ("a", "d"), ("a", "+"), ("a", "=5"), (1, ",n"), (1, "zz"), (1j, "05"), (1, "10000000000000000000d")):
    try:
        print(format(value, spec))
    except (ValueError, OverflowError) as error:
        print(error)
