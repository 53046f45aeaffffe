"""Widths of bytes formatting that no memory has are refused before anything is filled."""

HUGE = 8981780773172790604
for form, values in [
    (b"%*d", (HUGE, 2)),
    (b"%-*d", (HUGE, 2)),
    (b"%0*d", (HUGE, 2)),
    (b"%*d", (-HUGE, 2)),
    (b"%+*.*G", (-HUGE, 2, -1.0)),
    (b"%*s", (HUGE, b"a")),
    (b"%*c", (HUGE, 65)),
    (b"%*x", (HUGE, 65)),
]:
    try:
        print(form, len(form % values))
    except MemoryError:
        print(form, "MemoryError")
print(b"%5d|%-5d|%05d|%+.2f" % (1, 2, -3, 4.5))
