"""An intersection with an iterable ends when it has all that it can have; what comes after is not asked for, hashed or compared."""


def items(*values):
    for value in values:
        print("asked for", value)
        yield value


print({"a"}.intersection(items("a", "b", "c")))
print(sorted({"a", "b"}.intersection(items("b", "x", "a", "c"))))
print(frozenset("a").intersection(items("a", "b")))
found = {"a"}
found.intersection_update(items("x", "a", "b"))
print(found)
print({"a"}.intersection(["a", []]))
for others in ([[], "a"], ["b", []]):
    try:
        print({"a"}.intersection(others))
    except TypeError as error:
        print(error)
print(set().intersection(items("a", "b")))
print({"a"}.intersection(items("a", "b"), items("c")))
