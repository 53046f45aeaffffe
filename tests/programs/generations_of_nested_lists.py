"""Lists within lists, built and dropped by two functions: counts go on where they stood, and everything dies with its last name."""
import gc

new_object_count = 10**4
gc.collect()
collections = []
gc.callbacks.append(lambda phase, info: phase == "stop" and collections.append((info["generation"], info["collected"])))


def memory_test_second(i, b):
    a = [["df"] for i in range(new_object_count)]
    print(i, "second", len(a), len(b), gc.get_count()[0] <= 700)
    return id(a)


def memory_test_first():
    for i in range(10):
        a = [["dff"] for i in range(new_object_count)]
        print(i, "first", len(a))
        memory_test_second(i, a)


memory_test_first()
gc.callbacks.clear()
print(len(collections) > 100, {generation for generation, _ in collections} >= {0, 1}, sum(found for _, found in collections))
print(sum(item == ["dff"] for item in gc.get_objects() if type(item) is list))
