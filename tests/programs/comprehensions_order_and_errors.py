"""Comprehensions: order of evaluation, the first iterable outside, names that do not leak, errors on the way."""
log = []


def say(value):
    log.append(value)
    return value


print([say(x) + say(y) for x in say([1, 2]) for y in say([10]) if say(x) > 1], log)
del log[:]
print({say("k") + str(x): say(x) for x in (1, 2)}, log)
try:
    [x for x in leaked]
except NameError as error:
    print(error)
x = "outer"
print([x for x in range(2)], x, [[x for x in range(y)] for y in range(3)], x)


class Scope:
    items = [1, 2]
    first = [item for item in items]
    try:
        second = [item + len(items) for item in items]
    except NameError as error:
        second = str(error)


print(Scope.first, Scope.second)
for source in ("[1 / x for x in (1, 0)]", "{x: 1 for x in ([],)}", "{x for x in ({},)}", "[x for x in 5]", "list(1 / x for x in (1, 0))", "[x for x, y in [(1,)]]", "[*x for x in []]" if False else "[x for [x] in ['ab']]", "[x async for x in []]" if False else "[x for x.y in [1]]", "(x for x in 5)", "list(x for x in (y for y in 5))", "next(x for x in ())", "[x for x in iter(int, 0)]", "dict((x, x) for x in 'ab')", "{**{x: 1} for x in 'ab'}" if False else "{x: y for x, y in {'a': 1}.items()}", "[lambda: x for x in range(2)][0]()", "sum(x for x in (1, 2), )" if False else "sum((x for x in (1, 2)), 5)", "(lambda: [x for x in (yield)])" if False else "[(y := x) for x in (1, 2)]"):
    try:
        print(source, eval(source, {}))
    except Exception as error:
        print(source, type(error).__name__, error)
generator = (1 / x for x in (1, 0, 2))
print(next(generator))
try:
    next(generator)
except ZeroDivisionError as error:
    print(error, list(generator), generator.gi_frame)
print(generator.__qualname__, (lambda: [y for y in "a"]).__code__.co_consts[1].co_name)


def delayed():
    items = [1]
    lazy = (item for item in items)
    items = [2]
    return list(lazy)


print(delayed(), [say for say in "ab"], say.__name__)
