"""Text of integers beyond 4,300 digits is refused both ways, by the limit of the interpreter; powers of two in other bases are not."""
import sys

print(sys.get_int_max_str_digits(), sys.int_info.default_max_str_digits, sys.int_info.str_digits_check_threshold)


def tell(what, *arguments):
    try:
        result = what(*arguments)
        print(type(result).__name__, len(result) if isinstance(result, str) else result if isinstance(result, float) else result.bit_length())
    except ValueError as error:
        print("ValueError:", error)


tell(int, "9" * 4300)
tell(int, "9" * 4301)
tell(int, "1" + "_0" * 4300)
tell(int, " -" + "0" * 5000 + " ")
tell(str, 10**4299)
tell(str, 10**4300)
tell(repr, -(10**4300))
tell(hex, 10**5000)
tell(int, "f" * 9000, 16)
tell(int, "z" * 4301, 36)
tell(int, "1" * 6000, 32)
tell("%d".__mod__, 10**4300)
tell(format, 10**4300, ",")
tell(format, 10**4300, "x")
tell("{:n}".format, 10**4300)
tell(float, "1" * 5000)
tell(int, b"1" * 4301)
sys.set_int_max_str_digits(640)
tell(int, "1" * 641)
tell(str, 10**639)
for bad in (639, -1, 1, 2**40):
    try:
        sys.set_int_max_str_digits(bad)
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, error)
sys.set_int_max_str_digits(0)
tell(int, "7" * 20000)
tell(str, 7**20000)
sys.set_int_max_str_digits(4300)
try:
    eval("1" * 4301)
except SyntaxError as error:
    print(error.msg, error.lineno, error.offset)
