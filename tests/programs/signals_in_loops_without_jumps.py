"""A loop that jumps back without asking for signals is still left where something in it asks: calls, texts, long integers."""
import opcode
import signal


class Slow(BaseException):
    pass


def slow(number, frame):
    raise Slow


def nothing():
    pass


op = opcode.opmap
CONSTS = (None, 1, "x", 3**5000, "%s", "5", ())
NAMES = ("nothing", "len", "text")


def loop(body):
    """The code of an endless loop."""
    out = [op["RESUME"], 0]
    for name, argument in body:
        out += [op[name], argument] + [0, 0] * opcode._inline_cache_entries[op[name]]
    out += [op["JUMP_BACKWARD_NO_INTERRUPT"], len(out) // 2, op["LOAD_CONST"], 0, op["RETURN_VALUE"], 0]
    return nothing.__code__.replace(co_code=bytes(out), co_consts=CONSTS, co_names=NAMES, co_stacksize=8, co_exceptiontable=b"")


BODIES = {
    "call": [("PUSH_NULL", 0), ("LOAD_NAME", 0), ("PRECALL", 0), ("CALL", 0), ("POP_TOP", 0)],
    "call of a built-in": [("PUSH_NULL", 0), ("LOAD_NAME", 1), ("LOAD_NAME", 2), ("PRECALL", 1), ("CALL", 1), ("POP_TOP", 0)],
    "call with a tuple": [("PUSH_NULL", 0), ("LOAD_NAME", 1), ("LOAD_NAME", 2), ("BUILD_TUPLE", 1), ("CALL_FUNCTION_EX", 0), ("POP_TOP", 0)],
    "str": [("LOAD_CONST", 2), ("FORMAT_VALUE", 1), ("POP_TOP", 0)],
    "repr": [("LOAD_CONST", 2), ("FORMAT_VALUE", 2), ("POP_TOP", 0)],
    "format": [("LOAD_CONST", 1), ("LOAD_CONST", 5), ("FORMAT_VALUE", 4), ("POP_TOP", 0)],
    "percent": [("LOAD_CONST", 4), ("LOAD_CONST", 1), ("BINARY_OP", 6), ("POP_TOP", 0)],
    "product": [("LOAD_CONST", 3), ("LOAD_CONST", 3), ("BINARY_OP", 5), ("POP_TOP", 0)],
}
signal.signal(signal.SIGALRM, slow)
for name, body in BODIES.items():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        exec(loop(body), {"nothing": nothing, "text": "ab"})
    except Slow:
        print(name, "is left")
