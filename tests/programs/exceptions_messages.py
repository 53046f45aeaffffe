"""What built-in errors say."""
tests = ["1 + 'a'", "'a' + 1", "[] + ()", "len(5)", "int('x')", "float('y')", "[1][5]", "{}[1]", "().x", "None.foo", "1()", "for_ = iter(1)",
    "a, b = 1, 2, 3", "a, b = 1,", "[].remove(1)", "'abc'.index('z')", "int('1', 99)", "chr(-1)", "ord('ab')", "range(1, 2, 0)", "1 << -1", "[] < {}",
    "sorted([1, 'a'])", "max([])", "sum(['a'])", "'%d' % 'x'", "'%s %s' % 1", "'{}'.format()", "b'a' + 'b'", "bytes([256])", "x_undefined", "[1, 2].pop(9)",
    "dict([1])", "dict([(1, 2, 3)])", "set([[]])", "{[]: 1}", "isinstance(1, 1)", "issubclass(1, int)", "abs('a')", "hash([])", "complex('1 + 2j')", "round('a')",
    "open('/nonexistent')", "__import__('nonexistent_module')", "getattr(1, 'x')", "(1).real = 5" if False else "setattr(1, 'real', 5)", "type('a', 1, 2)", "object.__new__()", "super().x", "1 @ 2", "-'a'", "not_defined()", "'a'.join([1])", "'abc'[1.5]", "[1, 2]['a']", "divmod(1, 0)", "1.0 // 0", "0 ** -1", "pow(2, -1, 4)", "int(float('inf'))", "int(float('nan'))", "'x' * -1 + 1", "next(iter([]))", "zip(1)", "enumerate(1)", "map(1)", "slice()", "memoryview(1)", "bytearray('a')", "'a'.encode('nope')", "b'\\xff'.decode()", "'\\udc80'.encode()"]
for test in tests:
    try:
        print(test, "->", eval(test) if "=" not in test else exec(test))
    except Exception as error:
        print(test, "->", type(error).__name__, error)
