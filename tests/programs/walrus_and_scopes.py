"""`:=` binds in the scope that holds the comprehension, not in it; where it may not stand."""
def outer():
    if any((found := value) > 2 for value in (1, 3, 5)):
        print(found)
    total = 0
    print([total := total + value for value in range(4)], total)
    print([[inner := number * 2 for number in range(2)] for _ in range(2)], inner)

    def nested():
        nonlocal total
        [total := value for value in (10, 20)]

    nested()
    print(total)
    return lambda: (late := 5, late)


print(outer()())


def globally():
    global shown
    [shown := value for value in "abc"]


globally()
print(shown)
print((first := 1, second := 2), first, second)
print(f"{(width := 5):>{width}}|", f"{(value:=7)}", [1, 2, 3][(at := 1):(at + 1)])
while (count := globals().get("count", 3)) > 0:
    count -= 1
    print(count)


def defaults(value=(made := "default")):
    return value


print(defaults(), made)
for source in ("x := 1", "(x.y := 1)", "(x[0] := 1)", "(x, y := 1)\n(1 := 2)", "[x := 1 for x in y]", "[i := 0 for j in (i := y)]", "[(i := 0) for i in y]", "[y for x in (y := z)]", "class A:\n [x := 1 for y in z]", "f(a=b := 1)", "lambda: x := 1", "def f(a = b := 1): pass", "(a := b := 1)", "with x := y: pass", "del (x := 1)", "x = y := 1", "{a := 1: 2}", "{(a := 1): 2}", "x[a := 1]", "x[a := 1, b := 2]", "{a := 1, 2}", "assert x := 1", "(yield := 1)", "(None := 1)", "(__debug__ := 1)", "print(a := 1, b=(c := 2))", "(*a := 1)", "for x in y := z: pass", "@x := y\ndef f(): pass", "if x := 1: pass", "[[(j := 0) for i in y] for j in z]"):
    try:
        compile(source, "<w>", "exec")
        print(repr(source), "compiles")
    except SyntaxError as error:
        print(repr(source), error.msg, error.lineno, error.offset, error.end_lineno, error.end_offset)
