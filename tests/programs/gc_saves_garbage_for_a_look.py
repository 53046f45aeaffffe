"""gc.DEBUG_SAVEALL puts what would be freed into gc.garbage."""
import gc


def find_circular_references():
    gc.collect()
    if gc.garbage:
        mine = [item for item in gc.garbage if isinstance(item, Node) or type(item) is dict and "ref" in item]
        print(f"kept: {len(mine)}")
        for item in mine:
            print(f"- {type(item)}")
            referents = gc.get_referents(item)
            print(f"  refers to: {len(referents)} {sorted(type(referent).__name__ for referent in referents)}")
    else:
        print("no cycles")


gc.collect()
gc.set_debug(gc.DEBUG_SAVEALL)


class Node:
    def __init__(self):
        self.ref = None


find_circular_references()
gc.garbage.clear()
a = Node()
b = Node()
a.ref = b
b.ref = a
del a
del b
gc.collect()
find_circular_references()
gc.set_debug(0)
gc.garbage.clear()
print(gc.collect(), gc.get_debug())
