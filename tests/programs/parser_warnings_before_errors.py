"""What a source is warned of precedes its error, once: the parser's first pass warns of the strings that it comes to, the tokenizer of numbers,
and the compiler of what it came to before the error."""
import warnings


def probe(src):
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        try:
            compile(src, "f", "exec")
            result = "ok"
        except SyntaxError as error:
            result = f"{error.msg} {error.lineno}"
    print(repr(src), result, [(str(x.message), x.lineno, x.category.__name__) for x in w])


for s in ['x="\\d"\n(', 'x="\\d"\nx = = 1', '"\\d"\n)', 'x = "\\d" y', 'f("\\d"', 'f("\\d" y', '"\\d" = 1', 'def f():\n x="\\d"\n  y', 'x="\\d"\n"abc', "'''\\d''' 1 2", 'x="\\d"\n$', 'x="\\d"\n0777', 'x = 1if 2else 3\ny = =', '0x1for x in (1,)\n( (', 'x="\\d"\nreturn', '1 is 1\nreturn', 'assert (1,2)\nbreak', 'def f():\n "\\d"\n nonlocal x', 'def f(a,a):\n  "\\d"', 'x="\\d"; f"{a b}"', 'x=f"\\d{a b}"', '"\\d" "\\q"\n=', '(x,"\\d")=1 2', 'print "\\d"', 'print("\\d") 1\n', 'x = ["\\d", 1 for]', 'if "\\d":\nx', 'x = b"\\d" "a"', 'for "\\d" in x: pass', 'x="\\777"\n=', 'from __future__ import braces; x="\\d"', '1 is 1\nfrom __future__ import division','1()\ndef f():\n  yield\n  return\nclass A:\n  return', '"\\d"\nawait x\nx = = 2', '1 is 1; def', '"\\d"\nx: int = yield = 3','"\\d"; 1 +', '"\\d"\n1 +\n', '{"\\d": 1, 2}','lambda: "\\d" = 1', 'with "\\d" as 1: pass', 'del "\\d"', 'x = "\\d" if 1', '"\\d" == 1 = 2']:
    probe(s)
