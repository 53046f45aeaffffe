"""match: literals, captures, alternatives, guards."""
def kind(x):
    match x:
        case 0 | 1: return "bit"
        case -5: return "minus five"
        case 2.5 | 3j: return "number"
        case "a" | b"b": return "text"
        case None | True: return "singleton"
        case int(n) if n > 100: return f"big {n}"
        case str() as s: return f"str {s}"
        case _: return "other"
for x in (0, 1, -5, 2.5, 3j, "a", b"b", None, True, 101, "zz", 50, False):
    print(repr(x), kind(x))
