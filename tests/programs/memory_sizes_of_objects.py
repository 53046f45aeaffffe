"""sys.getsizeof of integers, strings, lists and dictionaries; an object's size does not include what it refers to."""
import sys

print(f"int(0): {sys.getsizeof(0)} bytes")
print(f"int(100): {sys.getsizeof(100)} bytes")
print(f"int(10**100): {sys.getsizeof(10**100)} bytes")
print(f"str(''): {sys.getsizeof('')} bytes")
print(f"str('hello'): {sys.getsizeof('hello')} bytes")
print(f"list([]): {sys.getsizeof([])} bytes")
print(f"list([1,2,3]): {sys.getsizeof([1,2,3])} bytes")
print(f"dict({{}}): {sys.getsizeof({})} bytes")
print(f"dict({{'a':1}}): {sys.getsizeof({'a':1})} bytes")

list1 = [1, 2, 3]
list2 = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
print(sys.getsizeof(list1))
print(sys.getsizeof(list2))


def get_total_size(obj, seen=None):
    size = sys.getsizeof(obj)
    if seen is None:
        seen = set()
    obj_id = id(obj)
    if obj_id in seen:
        return 0
    seen.add(obj_id)
    if isinstance(obj, dict):
        size += sum([get_total_size(v, seen) for v in obj.values()])
        size += sum([get_total_size(k, seen) for k in obj.keys()])
    elif hasattr(obj, "__dict__"):
        size += get_total_size(obj.__dict__, seen)
    elif hasattr(obj, "__iter__") and not isinstance(obj, (str, bytes, bytearray)):
        size += sum([get_total_size(i, seen) for i in obj])
    return size


class Holder:
    def __init__(self):
        self.items = [1, "two", {3: 4.0}]


print(f"list2: {get_total_size(list2)} bytes")
print(f"dict: {get_total_size({'a': [1, 2], 'b': (3, 'x')})} bytes")
print(f"instance: {get_total_size(Holder())} bytes")
