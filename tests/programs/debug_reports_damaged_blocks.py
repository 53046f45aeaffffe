"""What the debug layer reports of damaged blocks before it ends the process."""
import os
import re
import subprocess
import sys

DAMAGE = """
import ctypes, sys
block = bytes(%d)
start = id(block)
ctypes.memset(start + %s, %d, %d)
del block
"""
OTHER_DOMAIN = """
import ctypes
api = ctypes.pythonapi
api.PyMem_Malloc.restype = ctypes.c_void_p
api.PyObject_Free.argtypes = [ctypes.c_void_p]
api.PyObject_Free(api.PyMem_Malloc(16))
"""


def report(allocator, program):
    environment = {**os.environ, "PYTHONMALLOC": allocator}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    print("ended by", -done.returncode)
    print(re.sub("0x[0-9a-f]{5,}", "ADDRESS", done.stderr).split("Current thread")[0])


for allocator in ("debug", "malloc_debug"):
    for size in (10, 600):
        for place, value, count in (
            ("sys.getsizeof(block)", 65, 4),
            ("sys.getsizeof(block) + 7", 0, 1),
            ("-8", 65, 1),
            ("-8", 114, 1),
            ("-1", 0, 1),
            ("-7", 0, 7),
        ):
            print(allocator, size, place, value, count)
            report(allocator, DAMAGE % (size, place, value, count))
    report(allocator, OTHER_DOMAIN)
