"""Children that refer to their parent weakly do not keep it."""
import gc
import weakref


class Parent:
    def __init__(self, name):
        self.name = name
        self.children = []

    def add_child(self, child):
        self.children.append(child)
        child.parent = weakref.ref(self)


class Child:
    def __init__(self, name):
        self.name = name
        self.parent = None

    def get_parent(self):
        return self.parent() if self.parent else None


gc.disable()
parent = Parent("Parent")
child = Child("Child")
parent.add_child(child)
print(f"parent: {child.get_parent().name}")
del parent
print(f"parent: {child.get_parent()}")
