"""How much room arrays and dictionaries take as they grow and shrink."""
import array
import sys


def room(a):
    return (sys.getsizeof(a) - sys.getsizeof(array.array(a.typecode))) // a.itemsize


for code in "bid":
    numbers = range(20)
    print(code, [room(array.array(code, range(n))) for n in numbers])
    print(code, [room(array.array(code, list(range(n)))) for n in numbers])
    print(code, [room(array.array(code, array.array(code, range(n)))) for n in numbers])
    print(code, [room(array.array(code, array.array("h", range(n)))) for n in numbers])
    print(code, [room(array.array(code, range(n))[:]) for n in numbers])
    print(code, [room(array.array(code, range(n)) + array.array(code, [1])) for n in numbers])
    print(code, [room(array.array(code, range(n)) * 3) for n in numbers])
    for step in (1, 7, 15, 16, 17, 40):
        a = array.array(code)
        sizes = []
        for _ in range(5):
            a.extend(array.array(code, [1] * step))
            sizes.append(room(a))
        while a:
            del a[-step:]
            sizes.append(room(a))
        a.append(1)
        print(code, step, sizes, room(a))
    a = array.array(code, range(60))
    sizes = []
    while a:
        a.pop(0)
        sizes.append(room(a))
    print(code, sizes)
print(room(array.array("u", "abc")), room(array.array("d", bytes(80))))

d = {}
sizes = []
for i in range(100):
    d[i] = i
    if i % 3:
        d.pop(i - 1, None)
    sizes.append(sys.getsizeof(d))
print(sizes)
for n in range(50):
    text, numbers = {str(i): i for i in range(n)}, {i: i for i in range(n)}
    updated = {}
    updated.update(numbers)
    mixed = dict(text)
    mixed[1] = 1
    more = {"a": 1}
    more.update(text)
    print(n, *map(sys.getsizeof, (updated, mixed, more, dict.fromkeys(text), dict.fromkeys(numbers), {**text, **numbers}, dict(text, a=1))))


class Plain:
    def __init__(self):
        self.a = self.b = self.c = 1


one = Plain()
print(sys.getsizeof(dict(one.__dict__)), sys.getsizeof(one.__dict__.copy()))
