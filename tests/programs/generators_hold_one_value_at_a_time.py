"""A generator, an iterator and a range are as small for a million values as for one; a list is not."""
import sys

few, many = [i for i in range(1)], [i for i in range(100000)]
print(sys.getsizeof(few), sys.getsizeof(many))
few, many = (i for i in range(1)), (i for i in range(100000))
print(sys.getsizeof(few) == sys.getsizeof(many), sys.getsizeof(many))
print(sys.getsizeof(range(1)), sys.getsizeof(range(10**9)), sys.getsizeof(iter([1, 2, 3])))
iterator = iter([1, 2, 3])
print(next(iterator), next(iterator), next(iterator), next(iterator, "end"))


def switching():
    received = yield 1
    while received:
        received = yield received * 2


first, second = switching(), switching()
print(next(first), next(second), first.send(5), second.send(7), first.send(6))
print(sum(i for i in range(100000)), sys.getsizeof(x for x in ()) == sys.getsizeof(many))
