"""f-strings: expressions, conversions, nesting, debugging."""
x, w, d = 3.14159, 10, {"k": "v"}
print(f"{x:.2f} {x!r} {x:{w}.{2}f} {d['k']} {{}} {'nested'!r:>10}")
print(f"{x=} {x = } {x=:.1f} {d['k']=!s} {1+1=}")
print(f"{'a' 'b'}" f"{1}" "lit" rf"\n{2}", f"""{
    x
}""", f"{lambda_(1) if False else 'cond'}")
print(f"{(lambda y: y * 2)(4)} {[i for i in range(3)]} {'{'} {x!a}")
for code in ("f'{}'", "f'{a b}'", "f'{'", "f'}'", "f'{a!z}'", "f'{a:{b:{c}}}'", "f'{\\'x\\'}'", "f'{#}'", "f'{a[}'", "f'{=}'", "f'{!r}'", "f'{lambda x: 1}'"):
    try:
        compile(code, "f", "eval")
        print(code, "ok")
    except SyntaxError as error:
        print(code, error.msg)
