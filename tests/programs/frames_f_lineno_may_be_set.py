"""A trace function moves a frame to another line: forward, backward, into what is allowed, and the errors for what is not."""
import sys


def run(function, at, to):
    seen = []

    def trace(frame, event, argument):
        if frame.f_code is not function.__code__:
            return None
        line = frame.f_lineno - function.__code__.co_firstlineno
        if event == "line" and line == at and not seen:
            seen.append(True)
            try:
                frame.f_lineno = function.__code__.co_firstlineno + to
            except ValueError as error:
                print("  ", error)
        return trace

    sys.settrace(trace)
    try:
        print(function.__name__, at, to, function())
    except Exception as error:
        print(function.__name__, at, to, type(error).__name__, error)
    finally:
        sys.settrace(None)


def straight():
    out = []
    out.append(1)
    out.append(2)
    out.append(3)
    return out


def loop():
    out = []
    for number in range(2):
        out.append(number)
        out.append("x")
    out.append("end")
    return out


def guarded():
    out = []
    try:
        out.append(1)
    except ValueError:
        out.append("caught")
    finally:
        out.append("finally")
    with open("/dev/null") as file:
        out.append("with")
    return out


for at, to in ((3, 5), (4, 2), (2, 4), (5, 1), (2, 100), (2, -5)):
    run(straight, at, to)
for at, to in ((2, 5), (5, 3), (3, 5), (4, 2), (6, 4)):
    run(loop, at, to)
for at, to in ((3, 9), (3, 7), (7, 3), (3, 5), (9, 3), (10, 3), (7, 10), (7, 8)):
    run(guarded, at, to)
try:
    sys._getframe().f_lineno = 5
except ValueError as error:
    print(error)


def deleted():
    try:
        del sys._getframe().f_lineno
    except AttributeError as error:
        print(error)


deleted()
