"""Unpacking: how many values are wanted and found, stars, nested targets, iterators that fail, order of evaluation."""
def attempt(source, **names):
    try:
        exec(source, names)
        print(source, "->", {key: value for key, value in names.items() if len(key) == 1})
    except Exception as error:
        print(source, "->", type(error).__name__, error)


for source in ("a, b = 1,", "a, b = 1, 2, 3", "a, b = ()", "a, b = 'xyz'", "a, b = 'xy'", "a, b = 5", "a, b = None", "*a, = 5", "a, *b = ()", "a, *b, c = [1]", "a, *b, c = [1, 2]", "a, *b, c = range(6)",
               "(a, b), c = (1, 2), 3", "(a, b), c = 1, 2", "[a, [b, *c]] = 'x', 'yzw'", "a, b = {'k': 1, 'l': 2}", "a, b = {1: 2}", "a, (b, c) = 1, (2,)", "[] = ()", "() = [1]", "a = b = c = 7", "a, b = b, a = 1, 2",
               "a = 1, *'xy', *[2]", "a = [*range(2), *{}]", "a = {*'x', *'x'}", "a = {**{'x': 1}, 'x': 2}", "a = [*5]", "a = {**5}", "a = {**[('x', 1)]}", "print(*5)", "print(**5)", "print(**{1: 2})", "dict(**{'a': 1}, **{'a': 2})",
               "dict(a=1, **{'a': 2})", "for a, b in [(1, 2), (3,)]: pass", "a = [b for b, c in [(1, 2, 3)]]", "(lambda a, b: 0)(*[1])", "(lambda a, b: 0)(*[1, 2, 3])", "(lambda: 0)(*[], **{'x': 1})", "(lambda a, /: 0)(a=1)", "(lambda *, a: 0)()", "(lambda *, a, b: 0)(1)",
               "(lambda a, b, c: 0)()", "(lambda a, b=1: 0)(1, 2, 3)", "(lambda a: 0)(1, a=2)"):
    attempt(source)


class Once:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return self

    def __next__(self):
        if self.count == 0:
            raise ValueError("failed at the end")
        self.count -= 1
        return self.count


attempt("a, b = once", once=Once(2))
attempt("a, b = once", once=Once(3))
attempt("a, b = once", once=Once(1))
attempt("a, *b = once", once=Once(1))
log = []


def say(value):
    log.append(value)
    return value


holder = {}
holder[say("key")], holder[say("other")] = say("left"), say("right")
print(log, holder)
items = [0, 1, 2]
index = 0
index, items[index] = 2, "changed"
print(index, items)
