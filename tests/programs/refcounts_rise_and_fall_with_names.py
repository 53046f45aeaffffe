"""sys.getrefcount of a list that gets names, loses them, and goes into containers and functions."""
import sys

a = []
print(sys.getrefcount(a))
b = a
print(sys.getrefcount(a))
c = a
print(sys.getrefcount(a))
del b
print(sys.getrefcount(a))
del c
print(sys.getrefcount(a))

held = [a]
print(sys.getrefcount(a))
table = {"key": a}
print(sys.getrefcount(a))
held.remove(a)
print(sys.getrefcount(a))
table["key"] = None
print(sys.getrefcount(a))


def inside(argument):
    return sys.getrefcount(argument)


print(inside(a), sys.getrefcount(a))


def scope():
    local = a
    return sys.getrefcount(local)


print(scope(), sys.getrefcount(a))
a, old = [], a
print(sys.getrefcount(a), sys.getrefcount(old))
