"""feature_version: syntax is refused before the version that brought it, and async and await were names once."""
import ast

TEXTS = [
    "x: int", "a @ b", "a @= b", "with (a as b, c): pass", "with a, b: pass", "async def f(): pass",
    "async def f():\n  async with a: pass", "async def f():\n  async for a in b: pass", "async def f():\n  await b",
    "async def f():\n  [a async for a in b]", "try: pass\nexcept* E: pass", "match a:\n  case 1: pass", "(a := 1)",
    "def f(a, /): pass", "lambda a, /: 1", "f'{x}'", "f'{a=}'", "1_0", "async = 12", "await = 13", "def async(): pass",
    "x.async", "await x", "a[*b]", "async def f():\n  async = 1", "def g():\n  async def f(): pass\n  await = 1",
]
for text in TEXTS:
    last = None
    for minor in range(3, 12):
        try:
            ast.parse(text, feature_version=(3, minor))
            result = "ok"
        except SyntaxError as error:
            result = (error.msg, error.lineno, error.offset)
        if result != last:
            print(repr(text), minor, result)
            last = result
print(compile("(a := 1)", "", "eval", _feature_version=5).co_names)
