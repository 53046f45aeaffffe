"""`%` wants a mapping before it reads a key, and passes over the letters that C programmers write."""
for form in (b"%ld", b"%hs", b"%Lx", b"%l", b"%(k", b"%(k)ld", b"%(k)(k)d", b"%("):
    for operand in (1, (1,), {"k": 1, b"k": 2}, ()):
        for left in (form, form.decode()):
            try:
                print(left, operand, left % operand)
            except (TypeError, ValueError) as error:
                print(left, operand, type(error).__name__, error)
