"""Messages and places of syntax errors that people make."""
sources = """
x = (1, 2
x = [1, 2
x = {1: 2
foo(1, 2
)
x = 1)
x = (1]
if x
if x = 1: pass
while x = 1: pass
for x in y print(x)
for x y: pass
def f() pass
def f(: pass
def f(x, y=1, z): pass
def f(*): pass
def f(*, **k): pass
def f(**k, x): pass
def f(x, /, y, /): pass
def f(/): pass
def f(*a, *b): pass
def f(x=1, /, y): pass
class A pass
return
yield 1
break
continue
x = yield = 1
1 = x
f() = 1
x + 1 = 2
'a' = 1
None = 1
True = 1
x.None = 1
f(x for x in y, 1)
f(1, x for x in y)
f(a=1, 2)
f(**a, b)
f(a=1, a=2)
f(1=2)
f(a.b=1)
f(True=1)
f(a b)
print 1
print "hello"
exec "x"
import
import a.b as
from a import
from a import (b, c
from a import *, b
from . import
from a import b,
raise x from
assert
assert (x, 'msg')
try: pass
try: pass\\nexcept A, B: pass
try: pass\\nelse: pass
try: pass\\nexcept: pass\\nexcept A: pass
with open(x) as 1: pass
with a as b, c as: pass
lambda x=: 1
lambda (x): 1
x = 
x ++
x = 5 5
x = 'a' 5
x = a b
'abc
'''abc
f'{'
f'{a'
f'}'
f'{}'
f'{a!x}'
f'{a b}'
f'{a:{b:{c}}}'
f'{\\\\n}'
f'{#}'
f'{lambda x: 1}'
'\\\\N{nothing}'
'\\\\x1'
'\\\\u12'
0777
1_000_
1__0
0x
0b12
0o8
1e
1.2.3
1abc
0_7
$
?
x = a ? b
a !b
a <> b
x = @
async x
async def f(): x = [await
global x = 1
nonlocal
del
del x +
pass x
x: int: str
(x): int, y
(a, b): int
[a]: int
x.y: int = 
a, b += 1
(a, b) += 1
f() += 1
[x for x]
[for x in y]
[x for x in]
[x, y for x in z]
{x: y for x in z, 1}
{x, y: z}
{1: 2, 3}
{1: *a}
{**a for a in b}
[*a for a in b]
(*a)
*a
print(*)
x = *a
x[]
x[1:2:3:4]
x.
.x
x..y
a if b
a if b else
not
a not b
a is
a and
-
~
@
@x
@x\\nx = 1
if x:\\npass
if x:\\n  a\\n b
  x = 1
if 1:\\n\\tx\\n        y
else: pass
elif x: pass
except: pass
case 1: pass
match x:\\ncase 1: pass
match x:\\n case 1\\n
import a, b as c.d
from a import b as c.d
__debug__ = 1
def __debug__(): pass
def f(__debug__): pass
x = (yield) = 1
a = 1 if 2 else 3 = 4
"\\\\" x
{a b}
[a b]
(a b)
f(a, b c)
x = {1, 2: 3}
for 1 in x: pass
for f() in x: pass
for x in *a, *b: pass
while: pass
if: pass
def 1(): pass
def f(1): pass
def f(a.b): pass
def f(a, (b, c)): pass
x = 1 +* 2
x == = 1
x =! 1
a = b = 
5 = a = b
a := 1
""".strip("\n").split("\n")
for source in sources:
    source = source.replace("\\n", "\n").replace("\\\\", "\\")
    try:
        compile(source, "<s>", "exec")
        print(repr(source), "compiles")
    except SyntaxError as error:
        print(repr(source), type(error).__name__, error.msg, (error.lineno, error.offset, error.end_lineno, error.end_offset), repr(error.text))
