"""Bytes that are not UTF-8: harmless in a comment, an error of the token that has them, and of no other before that is wrong."""
import ast

for source in (b"# \xff\nx = 1", b"x = 1 # \xfe\xff", b"# coding: utf-8\n# \xff\nx = 1", b"\xef\xbb\xbf# \xff\nx = 1", b"# \xc3\n", b"(1, # \xff\n2)",
               b"x = '\xff'", b"x\xff = 1", b"\xff", b"x = 1\n# \xff\ny = (", b"y = (\n'\xff'", b"if\n'\xff'", b"f'{x}\xff'", b"a b\n'\xff'",
               b"x = 1\n\xff\xfe = 3", b"1 + \xe9", b"x = '\xe9\xe9'", b"def f():\n  'doc\xff'\n", b"\xe9x = 1", b'P = "\xcf\xb3\xf2\xee" "abc" +',
               b'f(a, "\xff") z', b"r'a\xff'", b"'\\x41\xff'", b"'\xff", b'(a "\xff"', b"def \xff(): pass", b"# coding: utf8\n# \xff", b"x = 1 # \xff\r\ny = '\xff'"):
    try:
        print(source, ast.dump(ast.parse(source)))
    except SyntaxError as error:
        print(source, error.msg, error.lineno, error.offset, repr(error.text), error.end_lineno, error.end_offset)
