"""A set has no hash, and is looked for as a frozen set; a subclass with a hash of its own is looked for by that."""


class Hashed(set):
    def __hash__(self):
        return 5


class Refusing(set):
    def __hash__(self):
        raise TypeError("not today")


inner = frozenset([1])
for container in ({inner}, frozenset([inner])):
    for wanted in ({1}, Hashed([1]), Refusing([1]), frozenset([1]), {2}):
        print(type(container).__name__, type(wanted).__name__, wanted in container)
    try:
        print([] in container)
    except TypeError as error:
        print(error)

mutable = {inner, 2}
mutable.discard({1})
print(mutable)
try:
    mutable.remove({1})
except KeyError as error:
    print("KeyError", error)

# Tables grow from the object into memory and shrink back, with and without places that keys were taken out of.
grown = {1, 2, 3}
for number in range(100):
    grown.add(number)
for number in range(95):
    grown.discard(number)
grown |= {200}
print(len(grown), grown)
cycled = set(range(5))
for number in range(5):
    cycled.discard(number)
    cycled.add(number + 10)
print(cycled, cycled - {12}, cycled & {11, 14}, cycled ^ {11, 99})
