"""Arrays are registered as mutable sequences when their module is loaded, which loads the abstract classes."""
import array
import sys

print("collections.abc" in sys.modules)
from collections.abc import MutableSequence, Sequence

print(issubclass(array.array, MutableSequence), isinstance(array.array("b"), Sequence), MutableSequence in array.array.__mro__)
