"""dis sees CPython's instructions."""
import dis
def f(a, b=1):
    try:
        for i in range(a): print(i + b)
    except ValueError as e: return e
    return [x for x in (1, 2)]
print([i.opname for i in dis.get_instructions(f)]); print(f.__code__.co_stacksize, f.__code__.co_flags, len(f.__code__.co_consts), f.__code__.co_names, f.__code__.co_exceptiontable, len(f.__code__.co_linetable))
print(list(f.__code__.co_lines())[:4], list(f.__code__.co_positions())[3], dis.stack_effect(dis.opmap["BUILD_LIST"], 3), f.__code__.replace(co_name="g").co_name)
dis.dis("x = 1 + y")
