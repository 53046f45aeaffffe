"""A WeakValueDictionary as a cache: entries go when nobody else holds them."""
import weakref


class ExpensiveObject:
    def __init__(self, name):
        self.name = name
        print(f"ExpensiveObject({name}) made")


cache = weakref.WeakValueDictionary()


def get_object(name):
    if name in cache:
        print(f"{name} from the cache")
        return cache[name]
    obj = ExpensiveObject(name)
    cache[name] = obj
    return obj


obj1 = get_object("data1")
obj2 = get_object("data1")
print(f"the same: {obj1 is obj2}")
del obj1
del obj2
print(f"in the cache: {len(cache)}")
obj3 = get_object("data1")
print(len(cache), list(cache))
