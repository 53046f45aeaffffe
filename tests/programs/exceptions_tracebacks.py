"""format_exception and what tracebacks hold."""
import traceback, sys
def inner(x):
    return 1 / x
def outer():
    return inner(0) + 1
try:
    outer()
except ZeroDivisionError as e:
    tb = e.__traceback__
    while tb:
        print(tb.tb_frame.f_code.co_name, tb.tb_lineno, sorted(tb.tb_frame.f_locals)[:1] if tb.tb_frame.f_code.co_name != "<module>" else "")
        tb = tb.tb_next
    print("".join(traceback.format_exception(e)).replace(__file__, "FILE"))
print(sys.exc_info())
try:
    eval("1 +")
except SyntaxError as e:
    print("".join(traceback.format_exception_only(e)))
try:
    {}["missing"]
except KeyError as e:
    print(traceback.format_exception_only(e), e.args, str(e))
