"""The events that trace and profile functions get: calls of Python and of C, lines, returns, exceptions, opcodes."""
import sys

log = []


def trace(frame, event, argument):
    if frame.f_code.co_filename != __file__:
        return None
    shown = type(argument[1]).__name__ if event == "exception" else argument
    log.append((event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, shown))
    return trace


def profile(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        shown = argument.__name__ if event.startswith("c_") else argument
        log.append((event, frame.f_code.co_name, shown))


def run(function, setter, hook):
    del log[:]
    setter(hook)
    try:
        function()
    except Exception as error:
        pass
    setter(None)
    print(function.__name__, setter.__name__)
    for entry in log:
        print("  ", *entry)


def plain():
    total = 0
    for number in (1, 2):
        total += number
    return total


def raising():
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    finally:
        plain()


def generator():
    def numbers():
        yield 1
        yield 2
    return list(numbers())


def conditional():
    if False:
        pass
    elif (1 and
          2):
        while True:
            break
    return [
        value
        for value in "ab"
    ]


def escaping():
    with open("/dev/null") as file:
        raise KeyError("x")


def calls():
    len("x")
    "a".upper()
    try:
        int("x")
    except ValueError:
        pass
    sorted([2, 1], key=lambda value: value)


for function in (plain, raising, generator, conditional, escaping):
    run(function, sys.settrace, trace)
for function in (calls, generator, raising):
    run(function, sys.setprofile, profile)


def opcodes(frame, event, argument):
    frame.f_trace_opcodes = True
    frame.f_trace_lines = False
    log.append((event, frame.f_lasti >= 0))
    return opcodes


del log[:]
sys.settrace(opcodes)
plain()
sys.settrace(None)
print([event for event, _ in log if event != "opcode"], sum(event == "opcode" for event, _ in log) > 10)


def failing(frame, event, argument):
    raise RuntimeError("in the trace function")


sys.settrace(failing)
try:
    plain()
except RuntimeError as error:
    print(error, sys.gettrace())


def stops(frame, event, argument):
    log.append(event)
    return None if event == "call" else stops


del log[:]
sys.settrace(stops)
plain()
sys.settrace(None)
print(log)
