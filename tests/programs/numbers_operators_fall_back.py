"""Binary operators: reflected and in-place methods, subclasses first, NotImplemented, and what the refusals say."""
log = []


class Left:
    def __add__(self, other):
        log.append("Left.add")
        return NotImplemented

    def __iadd__(self, other):
        log.append("Left.iadd")
        return NotImplemented


class Right:
    def __radd__(self, other):
        log.append("Right.radd")
        return "from the right"

    def __rpow__(self, other, modulus=None):
        return ("rpow", other)


class Sub(Left):
    def __radd__(self, other):
        log.append("Sub.radd")
        return "subclass first"


for source in ("Left() + Right()", "Left() + Sub()", "Left() + Left()", "Left() + 1", "1 + Right()", "[1] + Right()", "2 ** Right()", "pow(2, Right())", "'a' + Right()", "Right() + 1", "Sub() + Left()"):
    del log[:]
    try:
        print(source, eval(source), log)
    except TypeError as error:
        print(source, error, log)
x = Left()
try:
    x += 1
except TypeError as error:
    print(error, log)
x = Left()
x += Right()
print(x)
operations = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "@", "and", "divmod"]
values = {"1": 1, "1.5": 1.5, "'a'": "a", "[]": [], "None": None, "{}": {}, "{1}": {1}, "1j": 1j, "b'a'": b"a", "()": ()}
for operation in operations:
    if operation in ("and", "divmod"):
        continue
    for left, one in values.items():
        for right, two in values.items():
            try:
                result = eval(f"one {operation} two")
            except Exception as error:
                if left < right:
                    print(left, operation, right, type(error).__name__, error)
for source in ("x = 1; x += 'a'", "x = []; x += 5", "x = []; x += 'ab'; print(x)", "x = (); x += [1]", "x = 'a'; x *= 2.0", "x = {}; x |= 5", "x = {1}; x |= [1]", "x = {1}; x -= 5", "x = 1; x @= 2", "x = 2; x **= -1; print(x)", "x = 7; x //= 2; x <<= 3; x ^= 1; print(x)", "x = 5; x %= 0", "x = b'a'; x += 'b'", "x = None; x -= 1", "x = [1]; x *= -1; print(x)", "x = [1]; x *= 'a'", "-None", "+'a'", "~'a'", "~1.0", "-[]", "not None", "abs(None)", "len(5)", "1()", "1.5[0]", "'a'['b']", "(1,)[1.0]", "{}[{}]", "b'a'[0:'x']", "5 in 5", "'a' in 5", "5 in 'a'", "b'a' in 'a'", "'a' in b'a'", "300 in b'a'", "print >> 5", "print >> 'a'", "1 < None", "None + None", "type + type", "int | 5", "int | None", "5 | int", "int | 'a'", "list[int] | None"):
    try:
        exec(source)
        print(source, "done")
    except Exception as error:
        print(source, type(error).__name__, error)
