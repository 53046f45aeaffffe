"""Each of CPython's ways to take arguments has words of its own for what is wrong with them: functions that parse a tuple, that unpack one,
that Argument Clinic wrote, that get their class, and slot wrappers."""
import _functools
import array
import collections
import io
import os
import re
import time
import zlib


def attempt(name, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
    else:
        print(f"{name}: done")


# A tuple, parsed with the function's name: the name stands alone.
for function in (time.gmtime, time.ctime, time.clock_getres, time.get_clock_info):
    attempt("tuple", function, 1, 2, 3)
    attempt("tuple, named", function, x=1)
attempt("tuple, none", time.clock_gettime)
attempt("tuple, other name", time.clock_gettime_ns, 1, 2)

# A tuple, unpacked.
attempt("unpacked", time.asctime, 1, 2)
attempt("unpacked, named", time.asctime, x=1)
attempt("unpacked, set", {1}.union, x=1)
attempt("unpacked, set by its type", set.union, {1}, x=1)

# An array that is parsed as a tuple would be: the name is qualified where it is called by it.
deque = collections.deque()
attempt("array", deque.insert, 1)
attempt("array, named", deque.insert, x=1)
attempt("array, posix", os.setpgid, 1)
attempt("array, posix, named", os.setpgid, x=1)

# One argument, as Argument Clinic passes it, also where its signature is written out.
attempt("one", zlib.crc32)
attempt("one", re.compile("a").match("a").__copy__, 1)
attempt("one", time.sleep, 1, 2)
attempt("one, named", time.sleep, x=1)

# Methods that get their class take keywords, although none has a name.
numbers = array.array("i")
for arguments in ((), (1, 2)):
    attempt("class", numbers.extend, *arguments)
    attempt("class", numbers.tofile, *arguments)
attempt("class, named", numbers.extend, x=1)
attempt("class, both", numbers.extend, 1, x=1)
compressor = zlib.compressobj()
for arguments in ((1,), (1, 2)):
    attempt("class, nothing", compressor.copy, *arguments)
attempt("class, nothing, named", compressor.copy, x=1)
attempt("class, flush", compressor.flush, 1, 2)
attempt("class, scanner", re.compile("a").scanner("a").match, 1)

# Slot wrappers that unpack leave a blank where the name would be.
attempt("wrapper", [].__setitem__)
attempt("wrapper", [].__mul__)
attempt("wrapper", [].__add__)
attempt("wrapper", (1).__pow__)
attempt("wrapper", (1).__pow__, 1, 2, 3)
attempt("wrapper", object().__setattr__, "a")
attempt("wrapper", object().__delattr__)
attempt("wrapper", property().__get__)

# Methods of streams.
for stream in (io.BytesIO(), io.StringIO()):
    attempt("stream", stream._checkReadable, 1)
    attempt("stream", stream._checkClosed, 1, 2)
attempt("stream", io.StringIO().detach, 1)
attempt("stream", io.BytesIO().readinto, None)
attempt("keywords", os.posix_spawn, "x")
attempt("reduce", _functools.reduce, 1)
