"""Runs programs of `programs.py` and `library.py` with their allocations failing in turn: `fail.py STRIDE NAME ...`.

For every STRIDE-th n, the n-th allocation of a program fails, alone, and then with all that follow. The program must give its answer, or raise
MemoryError (or what Python code makes of one); afterwards no more blocks may be in use than before, and the auditor must find nothing wrong. A
program ends when it has fewer than n allocations. One line is printed for each; exit code 1 tells that something was wrong.

Those of `library.py` take five times as long a stride, unless it is 1. The first n is drawn from the program's name, so that programs differ.
"""
import gc
import os
import sys
import time
import zlib

import habu.memory as memory
from library import PROGRAMS

AUDIT_EVERY = 64


def attempt(run, start, stop):
    """The answer, the exception that ended it, and how many allocations were counted."""
    answer = error = None
    unraisable.clear()
    memory.fail(start, stop)
    try:
        answer = run()
    except BaseException as raised:
        error = raised
    memory.fail(None)
    if unraisable and error is None:
        # It was raised where nobody could catch it: in a callback or a finalizer.
        error = unraisable.pop()
    unraisable.clear()
    return answer, error, memory.counted()


unraisable = []


def note_unraisable(arguments):
    try:
        unraisable.append(arguments.exc_value)
    except MemoryError:
        pass


def led_to(error):
    """Whether a MemoryError is what led to this error."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, MemoryError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def blocks():
    # Threads that are just ending.
    while len(os.listdir("/proc/self/task")) > 1:
        time.sleep(0.0002)
    gc.collect()
    memory.trim()
    return sys.getallocatedblocks()


class Check:
    """One program, run again and again."""

    def __init__(self, name):
        self.name = name
        self.run = PROGRAMS[name]
        for _ in range(3):
            self.expected = self.run()
        self.wrong = []
        self.attempts = self.errors = 0

    def one(self, n, stop):
        """Runs with allocations failing from n on, up to before stop; returns whether there were so many."""
        answer, error, counted = attempt(self.run, n, stop)
        self.attempts += 1
        if error is not None:
            self.errors += 1
            if not led_to(error):
                self.note(f"{n}: {type(error).__name__}: {error}")
        elif answer != self.expected:
            self.note(f"{n}: {answer!r:.300}")
        return counted > n

    def lost(self, n, stop):
        """What a failure leaves behind each time is lost; what a cache takes once is not."""
        before = blocks()
        for _ in range(4):
            self.one(n, stop)
            after = blocks()
            if after <= before:
                return
            before = after
        self.note(f"{n} up to {stop}: blocks are lost")

    def audit(self, when):
        for finding in memory.audit()["errors"]:
            self.note(f"{when}: {finding}")

    def note(self, line):
        if line not in self.wrong:
            self.wrong.append(line)

    def all(self, stride):
        if stride > 1 and self.run.__module__ == "library":
            stride *= 5
        n = zlib.crc32(self.name.encode()) % stride
        before = blocks()
        more = True
        while more:
            more = self.one(n, n + 1)
            self.one(n, None)
            after = blocks()
            if after > before:
                self.lost(n, n + 1)
                self.lost(n, None)
                after = blocks()
            before = after
            if self.attempts % AUDIT_EVERY < 2:
                self.audit(n)
            n += stride
        if self.run() != self.expected:
            self.note("another answer afterwards")
        self.audit("afterwards")
        return n


def main():
    stride = int(sys.argv[1])
    bad = False
    gc.disable()
    sys.unraisablehook = note_unraisable
    for name in sys.argv[2:] or PROGRAMS:
        start = time.monotonic()
        check = Check(name)
        gc.collect()
        gc.freeze()
        allocations = check.all(stride)
        print(f"{name}: {allocations} allocations, {check.errors} of {check.attempts} ended in errors, {time.monotonic() - start:.1f} s", flush=True)
        for line in check.wrong[:20]:
            print("    wrong:", line, flush=True)
        bad = bad or bool(check.wrong)
    sys.exit(bad)


main()
