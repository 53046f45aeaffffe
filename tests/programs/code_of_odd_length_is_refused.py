"""Marshal data whose code has half an instruction too few is refused, again and again, and what is whole is not."""
import marshal


def add(x):
    return x + 1


data = marshal.dumps(add.__code__)
code = add.__code__.co_code
for mark in (b"s", b"\xf3"):
    whole = mark + len(code).to_bytes(4, "little") + code
    if whole in data:
        break
print(data.count(whole))
for cut in (1, 3, len(code) - 1):
    short = code[:-cut]
    odd = data.replace(whole, mark + len(short).to_bytes(4, "little") + short)
    errors = set()
    for _ in range(50):
        try:
            marshal.loads(odd)
        except Exception as error:
            errors.add(type(error).__name__)
    print(cut, errors)
print(len(list(marshal.loads(data).co_lines())), len(list(marshal.loads(data).co_positions())))
