"""Lists: methods, slice assignment, comparison, sizes."""
import sys
a = [3, 1, 2]
a.append(5); a.extend("xy"); a.insert(1, "i"); a.remove(5)
print(a, a.index("x"), a.count(1), a.pop(), a.pop(0), a)
a[1:3] = ["A", "B", "C"]; print(a)
a[::2] = range(3); print(a)
del a[::2]; print(a)
a *= 2; a += (1,); print(a, a * 0, [1] + [2])
try:
    a[::2] = [1]
except ValueError as error:
    print(error)
r = [1]; r.append(r); print(r, r == r)
print([1, 2] < [1, 3], [1, 2] < [1, 2, 0], [] < [0], [1] == (1,), [1, 2, 3].__contains__(2), list(reversed([1, 2])), [0] * 3)
sizes = []
b = []
for i in range(20):
    b.append(i)
    sizes.append(sys.getsizeof(b))
print(sizes, sys.getsizeof([1, 2, 3]), sys.getsizeof([None] * 10), sys.getsizeof(list(range(10))))
b.clear(); print(b, sys.getsizeof(b))
