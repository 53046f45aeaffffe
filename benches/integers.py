#!/usr/bin/env python3
"""Integers of 10 to 1,000,000 digits: each operation under Habu and under CPython in turn, and how many times as fast Habu is.

    benches/integers.py --exe target/fast/habu --vs /usr/bin/python3.11

Each measurement is the best of several runs of some milliseconds of processor time, less what an empty function takes, in processes that take turns. An operation that takes CPython longer than
`--patience` seconds is measured once there; one that would take minutes is left out, as the table says.
"""
import json
import sys

import turns

WORK = r'''
import json, random, sys, time, math
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
digits, names = json.loads(sys.argv[1])
r = random.Random(digits)
bits = int(digits * 3.321928094887362)
a = r.getrandbits(bits) | 1 << bits - 1 | 1
b = r.getrandbits(bits) | 1 << bits - 1 | 1
half = r.getrandbits(max(bits // 2, 8)) | 1 << max(bits // 2, 8) - 1 | 1
small = r.getrandbits(30) | 1
root = r.getrandbits(max(bits // 8, 4)) | 1
e = 8
text = None
def decimal():
    global text
    if text is None:
        text = "".join(r.choice("123456789") for _ in range(digits))
    return text
operations = {
    "add": lambda: a + b,
    "sub": lambda: a - b,
    "multiply": lambda: a * b,
    "square": lambda: a * a,
    "by small": lambda: a * small,
    "divide by half": lambda: a // half,
    "modulo half": lambda: a % half,
    "divide by small": lambda: a // small,
    "power": lambda: root ** e,
    "power modulo": lambda: pow(3, 65537, a),
    "gcd": lambda: math.gcd(a, b),
    "shift": lambda: (a << 37) >> 41,
    "str": lambda: str(a),
    "int": lambda: int(decimal()),
    "hex": lambda: hex(a),
    "compare": lambda: a == b + 0,
    "isqrt": lambda: math.isqrt(a),
}
nothing = lambda: None
out = {}
for name in names:
    f = operations[name]
    if name == "int":
        decimal()
    f()
    t = time.process_time()
    f()
    once = time.process_time() - t
    if once > 0.2:
        out[name] = once
        continue
    count = max(1, int(0.003 / max(once, 1e-7)))
    turns = range(count)
    best = once
    for _ in range(9):
        t = time.process_time()
        for _ in turns:
            f()
        best = min(best, (time.process_time() - t) / count)
    # What an empty function takes is not the operation's.
    empty = 1.0
    for _ in range(9):
        t = time.process_time()
        for _ in turns:
            nothing()
        empty = min(empty, (time.process_time() - t) / count)
    out[name] = max(best - empty, 1e-10)
print(json.dumps(out))
'''
NAMES = ["add", "sub", "multiply", "square", "by small", "divide by half", "modulo half", "divide by small", "power", "power modulo", "gcd", "shift", "str", "int",
         "hex", "compare", "isqrt"]
# What takes CPython minutes at a million digits.
LONG = {"divide by half", "modulo half", "gcd", "str", "int", "power modulo", "isqrt"}


def measure(exe, digits, names, patience):
    return turns.answer([exe, "-I", "-S", "-c", WORK, json.dumps([digits, names])], patience) or {}


def shown(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def main():
    parser = turns.parser(__doc__)
    parser.add_argument("--digits", type=int, nargs="*", default=[10, 30, 100, 300, 1000, 3000, 10000, 100_000, 1_000_000])
    parser.add_argument("--patience", type=float, default=60)
    options = parser.parse_args()
    slower = 0
    for digits in options.digits:
        names = options.names or NAMES
        rounds = options.rounds if digits < 100_000 else 1
        theirs, ours = {}, {}
        for _ in range(rounds):
            for name in names:
                if digits >= 1_000_000 and name in LONG:
                    continue
                for best, exe in ((ours, options.exe), (theirs, options.vs)):
                    found = measure(exe, digits, [name], options.patience).get(name)
                    if found is not None:
                        best[name] = min(found, best.get(name, found))
        if digits >= 1_000_000:
            for name in names:
                if name in LONG:
                    ours.update(measure(options.exe, digits, [name], options.patience))
        print(f"{digits} digits")
        for name in names:
            if name not in theirs or name not in ours:
                print(f"  {name:16} {shown(ours[name]) if name in ours else 'too long':>10}  CPython not measured")
                continue
            ratio = theirs[name] / ours[name]
            slower += ratio < 0.95
            print(f"  {name:16} {shown(ours[name]):>10} {shown(theirs[name]):>10}  {ratio:8.2f}{'  slower' if ratio < 0.95 else ''}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
