"""Instructions that the verifier refuses can be looked at, not run."""
import opcode

op = opcode.opmap


def f():
    pass


units = [op["RESUME"], 0, op["PUSH_NULL"], 0, op["LOAD_NAME"], 0, op["PRECALL"], 0, 0, 0, op["KW_NAMES"], 1, op["CALL"], 0] + [0] * 8 + [op["RETURN_VALUE"], 0]
code = f.__code__.replace(co_code=bytes(units), co_consts=(None, ()), co_names=("f",), co_stacksize=8)
print(code.co_code == bytes(units), code.co_consts)
nothing = f.__code__.replace(co_code=bytes([250, 0]))
for refused in (nothing,):
    f.__code__ = refused
    for run in (f, lambda: exec(refused)):
        try:
            run()
        except SystemError as error:
            print(type(error).__name__, error)
