"""What ends a thread is shown as what ends the main thread is: groups, causes and notes, and values that are no exceptions."""
import io
import sys
import threading


def several():
    try:
        1 / 0
    except ZeroDivisionError as error:
        error.add_note("a note")
        raise ExceptionGroup("several", [KeyError("a"), error]) from error


sys.stderr = io.StringIO()
here = threading.current_thread()
try:
    several()
except ExceptionGroup:
    threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), here)))
for arguments in ((ValueError, ValueError("made"), None), (ValueError, None, None), (SystemExit, None, None)):
    threading.excepthook(threading.ExceptHookArgs((*arguments, here)))
print(sys.stderr.getvalue().replace(__file__, "FILE"), end="")
