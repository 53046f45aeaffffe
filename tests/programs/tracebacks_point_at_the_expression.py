"""Carets under the part of a line that raised: operators, subscripts, calls, attributes, lines of several bytes a character."""
import traceback


def show(function):
    try:
        function()
    except Exception:
        lines = traceback.format_exc().splitlines()
        print("\n".join(line for line in lines if "File" not in line and "function()" not in line and "Traceback" not in line))


data = {"a": {"b": None}}
text = "é"
zero = 0


def binary():
    return (1 +
            2 * 3 / zero) + 4


def subscript():
    return data["a"]["b"]["c"]["d"]


def call():
    return text.upper().missing(1, 2).other()


def wide():
    return "éü€" + text + (1 / zero) * "日本"


def several():
    return data[
        "nothing"
    ]


def argument():
    return int(
        text,
        base=zero + 10)


def whole_line():
    raise ValueError("all")


def comparison():
    return 1 < text < 3


def unary():
    return -text


def comprehension():
    return [1 / number for number in (1, 0)]



def with_tab():
	return zero	/ zero


def inplace():
    total = 1
    total += text


def delete():
    del data["a"]["x"]


def assign():
    data["a"]["b"]["c"] = 1


def unpack():
    first, second = text


def wrong_call():
    show(1, 2, 3)


def walrus():
    return (found := data["q"]) + 1


def lambda_():
    return (lambda value: value.nope)(text)


for function in (binary, subscript, call, wide, several, argument, whole_line, comparison, unary, comprehension, with_tab, inplace, delete, assign, unpack, wrong_call, walrus, lambda_):
    print(function.__name__)
    show(function)
