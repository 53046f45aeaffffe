"""Instances of types that CPython makes at run time have their type's `__module__`; those of its static types have none."""
import array
import collections
import csv
import functools
import operator
import os
import re
import struct
import threading
import time
import zlib

for value in (functools.partial(int), operator.itemgetter(1), operator.attrgetter("a"), operator.methodcaller("a"), re.compile("a"), re.match("a", "a"),
              threading.Lock(), threading.RLock(), array.array("i"), struct.Struct("i"), zlib.compressobj(), csv.reader([]), os.stat("/"), time.gmtime(0),
              functools.lru_cache(len), functools.cmp_to_key(max)(1), int | str, collections.deque(), 1, iter([])):
    print(type(value).__module__, type(value).__qualname__, getattr(value, "__module__", "none"), "__module__" in type(value).__dict__)
print((int | str).__module__, (int | str).__args__, functools.wraps(functools.partial(len))(lambda: 0).__module__)
