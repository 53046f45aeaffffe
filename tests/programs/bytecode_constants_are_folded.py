"""Constant folding."""
for e in ("1 + 2", "2 ** 10", "'a' * 3", "(1, 2)[0]", "-5", "not 1", "1 if 0 else 2", "x in [1, 2]", "x in {1, 2}", "2 ** 100000 if 0 else 1", "'a' 'b'", "1 / 0", "(1, (2, 3))", "[1, 2, 3]", "1 << 200", "'%s' % x", "...", "0 and x", "None"):
    c = compile(e, "c", "eval"); print(e, c.co_consts, len(c.co_code))
