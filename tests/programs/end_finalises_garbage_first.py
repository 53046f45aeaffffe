"""Garbage that is left at the end is finalised before the modules are taken apart."""
import sys
import weakref


class Node:
    def __del__(self, sys=sys, print=print):
        print("finalised", self.name, sys.meta_path is None, "sys" in sys.modules)


def cycle(name):
    node = Node()
    node.name = name
    node.me = node


cycle("garbage")
alive = Node()
alive.name = "alive"
alive.me = alive
reference = weakref.ref(sys.modules[__name__], lambda _: print("module gone"))
