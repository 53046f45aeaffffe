"""Print the tree of each file named on standard input, for tests/library.rs to compare.

For each file: a line with the length of what follows in bytes, then the dump in the form of habu's
`ast::dump`, or "error: " and the type of the exception.
"""
import ast
import struct
import sys


def quoted(text):
    plain = lambda c: " " <= c <= "~" and c not in "'\\"
    return "'" + "".join(c if plain(c) else "\\u{%x}" % ord(c) for c in text) + "'"


def bits(value):
    return "%x" % struct.unpack("<Q", struct.pack("<d", value))


def constant(value):
    match value:
        case bool() | None:
            return str(value)
        case int():
            return str(value) if -(2**63) <= value < 2**63 else hex(value)
        case float():
            return f"float({bits(value)})"
        case complex():
            return f"complex({bits(value.imag)})"
        case str():
            return quoted(value)
        case bytes():
            return "b" + quoted(value.decode("latin-1"))
    return "Ellipsis"


def field(name, value):
    if isinstance(value, ast.AST):
        return dump(value)
    if isinstance(value, list):
        return "[" + ", ".join(field(None, item) for item in value) + "]"
    if isinstance(value, str):
        return quoted(value)
    return str(value)


def dump(node):
    parts = []
    for name, value in ast.iter_fields(node):
        if name == "value" and isinstance(node, (ast.Constant, ast.MatchSingleton)):
            parts.append("value=" + constant(value))
        elif value is not None:
            parts.append(f"{name}={field(name, value)}")
    parts += [f"{name}={getattr(node, name)}" for name in node._attributes]
    return type(node).__name__ + "(" + ", ".join(parts) + ")"


def main():
    sys.setrecursionlimit(10_000)
    for name in sys.stdin.read().splitlines():
        try:
            with open(name, "rb") as file:
                text = dump(ast.parse(file.read(), type_comments="--type-comments" in sys.argv))
        except Exception as error:
            text = "error: " + type(error).__name__
        data = text.encode()
        sys.stdout.buffer.write(b"%d\n" % len(data) + data)


main()
