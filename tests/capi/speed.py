"""Measures calls from C: `python speed.py FOLDER` prints the best of seven runs of each, in nanoseconds.

The extension is compiled into FOLDER first:
cc -O2 -shared -fPIC -I$(python3.11 -c 'import sysconfig; print(sysconfig.get_path("include"))') speed.c -o FOLDER/speed.cpython-311-x86_64-linux-gnu.so
"""
import sys

sys.path.insert(0, sys.argv[1])
import speed


class Thing:
    attribute = 1


def nothing(*_):
    pass


def no_arguments():
    pass


thing = Thing()
thing.attribute = 2
subjects = {
    "long_as": 12345, "call": no_arguments, "call_tuple": no_arguments, "call_one": nothing, "get_attribute": thing,
    "get_attribute_text": thing, "set_attribute": thing, "text_utf8": "text", "add": 1.5, "compare": 7, "iterate": range(10**9),
}
COUNT = 200_000
for name in sorted(vars(speed)):
    measure = getattr(speed, name)
    if not name.startswith("_") and callable(measure):
        subject = subjects.get(name)
        measure(1000, subject)
        print(name, round(min(measure(COUNT, subject) for _ in range(7)), 2))
