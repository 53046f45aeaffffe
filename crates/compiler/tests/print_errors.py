"""Print the error of each source on standard input, for tests/syntax_errors.rs to compare.

Arguments: the mode and the flags. Sources are separated by null bytes. For each: its result in one line.
"""
import ast
import sys

MODE, FLAGS = sys.argv[1], int(sys.argv[2])


def result(source):
    try:
        # Only the parser's errors: the tree is not compiled.
        compile(source, "<unknown>", MODE, FLAGS | ast.PyCF_ONLY_AST)
    except SyntaxError as error:
        place = (error.lineno, error.offset, error.end_lineno, error.end_offset)
        text = None if error.text is None else ascii(error.text)
        return "%s %s %s %s" % (type(error).__name__, ascii(error.msg), " ".join(map(str, place)), text)
    except Exception as error:
        return type(error).__name__
    return "fine"


for source in sys.stdin.buffer.read().decode().split("\0")[:-1]:
    print(result(source))
