"""Comprehensions have a scope of their own; walrus escapes it."""
x = "outer"
print([x for x in range(3)], x)
print([y := i for i in range(3)], y)
print({k: v for k, v in zip("ab", (1, 2))}, {c for c in "aab"} == {"a", "b"})
print([(i, j) for i in range(3) for j in range(i) if (i + j) % 2])
try:
    print([i for i in range(2)] and i)
except NameError as error:
    print(error)
for code in ("[i := 0 for i in range(5)]", "[i := 0 for j in range(5) for i in range(5)]", "class A: [y := i for i in 'a']", "[x async for x in y]"):
    try:
        compile(code, "c", "exec")
        print("ok")
    except SyntaxError as error:
        print(error.msg)
matrix = [[1, 2], [3, 4]]
print([list(row) for row in zip(*matrix)], [[y * 2 for y in row] for row in matrix])
