"""Without a __dict__ no new attributes, without __weakref__ no weak references; slots of a base class stay."""
import weakref


class Person:
    __slots__ = ["name", "age"]

    def __init__(self, name, age):
        self.name = name
        self.age = age


p = Person("Alice", 30)
try:
    p.email = "alice@example.com"
except AttributeError as e:
    print(f"error: {e}")
try:
    weakref.ref(p)
except TypeError as e:
    print(f"error: {e}")


class Referable:
    __slots__ = ["name", "age", "__weakref__"]


r = Referable()
print(weakref.ref(r)() is r)


class Employee(Person):
    __slots__ = ["employee_id"]

    def __init__(self, name, age, employee_id):
        super().__init__(name, age)
        self.employee_id = employee_id


e = Employee("Bob", 40, 7)
print(e.name, e.age, e.employee_id, hasattr(e, "__dict__"), Employee.__basicsize__ - Person.__basicsize__)


class Loose(Person):
    pass


loose = Loose("Eve", 1)
loose.email = "eve@example.com"
print(loose.__dict__)
