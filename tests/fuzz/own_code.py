#!/usr/bin/env python3
"""Fuzzes the parts of Habu that read what others wrote: source text, marshal data, `.pyc` files, struct formats, format specifications,
regular expressions.

    tests/fuzz/own_code.py --exe target/fast/habu --seconds 300 source marshal pyc struct spec regex

Each batch is a process of its own that makes its cases from a seed. A batch that ends by a signal, a panic or not at all, under either
interpreter, is reported with the number of the case; `--case` runs that one alone. What is not read from marshal data, which CPython trusts, is compared with what
CPython 3.11 says of the same case.
"""
import argparse
import os
import sys
import time
from pathlib import Path

import runs

SIZES = {"source": 300, "marshal": 400, "pyc": 100, "struct": 1000, "spec": 1500, "regex": 500}
# What CPython reads without checks is only held against crashes.
TRUSTED = {"marshal", "pyc"}


def child(mode, seed, first, last):
    """Runs the cases of a batch, a line for each."""
    import signal
    import warnings

    warnings.simplefilter("ignore")

    class Slow(BaseException):
        pass

    def slow(number, frame):
        raise Slow

    signal.signal(signal.SIGALRM, slow)
    run = {"source": source, "marshal": marshal_data, "pyc": pyc, "struct": struct_format, "spec": spec, "regex": regex}[mode]
    import random
    if mode == "source":
        read_programs()
    for number in range(first, last):
        chance = random.Random(f"{mode}/{seed}/{number}")
        text = "? slow"
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, 3)
                text = run(chance)
            except Slow:
                pass
            except BaseException as error:
                text = f"! {type(error).__name__}: {error}"
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Slow:
            pass
        print(number, text.encode("ascii", "backslashreplace").decode().replace("\n", "\\n")[:1500], flush=True)


def mutate(chance, data, parts):
    """Changes bytes here and there: flips, copies, cuts, splices."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        at = chance.randrange(len(data) + 1)
        size = chance.choice([1, 1, 2, 4, 16])
        kind = chance.randrange(7)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = chance.choice([0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)])
        elif kind == 2:
            del data[at:at + size]
        elif kind == 3:
            data[at:at] = data[at:at + size] * chance.choice([1, 2, 10])
        elif kind == 4:
            data[at:at] = chance.choice(parts)
        elif kind == 5:
            other = chance.randrange(len(data) + 1)
            data[at:at + size] = data[other:other + size]
        else:
            del data[at:]
    return bytes(data)


TOKENS = [token.encode() for token in "( ) [ ] { } , : . ; @ = -> += -= *= ** // >> << != == <= >= := ... ~ ^ | & % / * + - ! \\ ' \" ''' \"\"\" f' f\" b' rb' u' {x} {x!r:>{w}} # \n \n\n \t \r \f \n\t \n \n\t\t  if else elif for while try except except* finally with as def class return yield await async lambda not and or is in None True False pass break continue del global nonlocal import from raise assert match case _ print 0 1 0x 0b1 1e 1.5j 0777 1_0 é \u20ac \U0001f600 \x00 \xff # coding: latin-1\n \\N{DIGIT ONE} \\x4 type: ignore if: lambda: (yield) *a **k /".split(" ")] + [b" ", b"  ", b"    ", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80"]
SOURCES = []


def read_programs():
    """Reads what sources are made of: before any case is timed, for half of them would make other cases."""
    folder = Path(__file__).resolve().parent.parent / "programs"
    for path in sorted(folder.glob("*.py")):
        SOURCES.extend(path.read_bytes().split(b"\n\n\n"))


def source(chance):
    import ast
    if chance.random() < 0.15:
        data = b"".join(chance.choice(TOKENS) + chance.choice([b"", b" "]) for _ in range(chance.randrange(1, 25)))
    elif chance.random() < 0.05:
        data = bytes(chance.randrange(256) for _ in range(chance.randrange(40)))
    else:
        data = mutate(chance, chance.choice(SOURCES), TOKENS)
    mode = chance.choice(["exec", "exec", "exec", "eval", "single"])
    try:
        if chance.random() < 0.2:
            return ast.dump(ast.parse(data, mode=mode))[:600]
        code = compile(data, "<fuzz>", mode, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError, LookupError):
        # Of several mistakes in one source either may be told of, and bytes that are no text are noticed at another time.
        return f"refused | {mode} {data!r}"
    return f"{code.co_code.hex()} {code.co_names} {code.co_stacksize} | {data!r}"[:1400]


def sample(x, *rest, key=None, **more):
    """What marshal data is made of."""
    total = 0
    for item in [x, 1.5, 2j, "text", b"bytes", (1, "é", None), frozenset({1, 2}), ..., 10**30, -7]:
        try:
            total += len(str(item))
            inner = lambda value, shift=total: (value, shift, key)
            with open(os.devnull) as file:
                rest = {**more, "k": [inner(y) for y in rest if y], item if key else 0: file.name}
        except (TypeError, ValueError) as error:
            total -= 1
            raise KeyError(item) from error
        finally:
            rest = rest or (yield total)
    match rest:
        case {"k": [a, *b]}:
            return a
        case [1, (2 | 3) as c]:
            return c
    return total


def marshal_data(chance):
    import marshal
    import types
    if not SOURCES:
        def plain(a, b=2):
            c = a
            for d in range(b):
                c = [c, d, {"x": a}, (a, b), f"{a}{b:>4}"]
                while not c:
                    break
            return c
        SOURCES.extend([plain.__code__, plain.__code__, sample.__code__, compile("x = [i * 2 for i in range(3)]\nclass A:\n  y = 1\n  def f(self): return super()\ntry:\n  A().f()\nexcept* KeyError: pass\n", "f", "exec")])
    value = chance.choice(SOURCES) if chance.random() < 0.7 else chance.choice([(1, [2, {3: 4.5}], "é"), {1, "a"}, 10**50, [None] * 5, {"k": (b"x", 1j)}, "\ud800", frozenset("ab")])
    data = mutate(chance, marshal.dumps(value, chance.choice([0, 1, 2, 3, 4])), [b"\xe3", b"c", b"r\0\0\0\0", b"(\xff\xff\xff\x7f", b"\xdb\x01\0\0\0", b"l\x02\0\0\0", b"0", b"N", b"\xa9\0"])
    try:
        back = marshal.loads(data)
    except (ValueError, EOFError, TypeError, MemoryError, SystemError, OverflowError, RecursionError, UnicodeError) as error:
        return f"! {type(error).__name__}: {error}"
    found = type(back).__name__
    if type(back) is types.CodeType:
        try:
            list(back.co_lines()), list(back.co_positions()), back.replace(co_name="x"), hash(back), repr(back)
            import dis
            import io
            dis.dis(back, file=io.StringIO())
        except Exception:
            pass
        try:
            function = types.FunctionType(back, {"__builtins__": {"range": range, "len": len, "str": str, "super": super, "KeyError": KeyError}}, closure=tuple(types.CellType(1) for _ in back.co_freevars))
            result = function(*[1] * back.co_argcount) if chance.random() < 0.8 else function()
            if hasattr(result, "send"):
                result.send(None)
                result.close()
        except Exception as error:
            return found + " " + type(error).__name__
    else:
        repr(back)
        marshal.dumps(back)
    return found


def pyc(chance):
    import importlib.machinery
    import importlib.util
    import marshal
    import tempfile
    code = compile("a = 1\ndef f(): return a\nclass C: pass\n", "m.py", "exec")
    data = importlib.util.MAGIC_NUMBER + b"\0" * 12 + marshal.dumps(code)
    data = mutate(chance, data, [b"\0\0\0\0", b"\x01\0\0\0", importlib.util.MAGIC_NUMBER])
    with tempfile.NamedTemporaryFile(suffix=".pyc") as file:
        file.write(data)
        file.flush()
        loader = importlib.machinery.SourcelessFileLoader("m", file.name)
        try:
            exec(loader.get_code("m"), {"__name__": "m"})
        except Exception as error:
            return f"! {type(error).__name__}"
    return "read"


def struct_format(chance):
    import struct
    parts = "xcbB?hHiIlLqQnNefdspP"
    form = chance.choice(["", "", "@", "=", "<", ">", "!"])
    for _ in range(chance.randrange(1, 6)):
        form += chance.choice(["", "", "", "0", "1", "2", "3", "10", " ", "99999999999999999999", "4611686018427387904", "é"] if chance.random() < 0.3 else ["", "2", "3"]) + (chance.choice(parts) if chance.random() < 0.97 else chance.choice("zZ*-<>@\0"))
    values = [chance.choice([0, 1, -1, 255, 256, 2**31, 2**63, -2**63, 2**64, 1.5, float("inf"), -0.0, 1e300, b"a", b"abc", b"", "x", None, True]) for _ in range(chance.randrange(0, 7))]
    out = [form]
    for act in (lambda: struct.calcsize(form), lambda: struct.pack(form, *values), lambda: struct.unpack(form, bytes(chance.randrange(256) for _ in range(min(struct.calcsize(form), 200)))), lambda: struct.pack_into(form, bytearray(50), chance.randrange(-60, 60), *values), lambda: struct.unpack_from(form, b"0123456789" * 3, chance.randrange(-40, 40)), lambda: list(struct.iter_unpack(form, b"01234567" * 3))):
        try:
            out.append(repr(act())[:200])
        except (struct.error, TypeError, OverflowError, MemoryError, UnicodeError, ValueError) as error:
            out.append(f"{type(error).__name__} {error}")
    return " ; ".join(out)


def spec(chance):
    pick = chance.choice
    text = "".join(pick(["", "", "*", "é", "0", " ", "{", "\0"]) if chance.random() < .3 else "" for _ in "a") + pick(["", "<", ">", "=", "^"]) + pick(["", "+", "-", " "]) + pick(["", "z"]) + pick(["", "#"]) + pick(["", "0"]) + pick(["", "5", "12", "30", "٣", "1000"]) + pick(["", ",", "_", ",_"]) + pick(["", ".0", ".3", ".17", ".50", ".", ".٢"]) + pick(list("bcdeEfFgGnosxX%r") + ["", "", "dd"])
    if chance.random() < 0.2:
        text = "".join(pick("<>=^+- #0159,_.bcdefgnsx%z{}é") for _ in range(chance.randrange(8)))
    value = pick([0, 1, -1, 255, 10**20, -10**30, 2**200, 0.0, -0.0, 1.5, -2.5, 1e22, 1e-7, 123456.789, 1e300, 5e-324, float("nan"), -float("inf"), "text", "", "é\0x", True, 1j, -1.5 - 0.0j, complex("nan"), None, [], chance.uniform(-1e6, 1e6), chance.randrange(-10**9, 10**9), 10.0 ** chance.randrange(-20, 20)])
    out = [f"{value!r} {text!r}"]
    percent = "%" + "".join(pick("-+ #0") for _ in range(chance.randrange(3))) + pick(["", "5", "20", "*"]) + pick(["", ".0", ".3", ".25", ".*"]) + pick("diouxXeEfFgGcrsa%y")
    for act in (lambda: format(value, text), lambda: ("{:" + text + "}").format(value), lambda: f"{value!r:>20}", lambda: percent % value, lambda: percent % (5, value), lambda: percent.encode() % value):
        try:
            out.append(repr(act())[:300])
        except (ValueError, TypeError, OverflowError, KeyError, IndexError, MemoryError, AttributeError) as error:
            out.append(f"{type(error).__name__} {error}")
    return " ; ".join(out) + " " + percent


def pattern(chance, depth):
    pick = chance.choice
    pieces = []
    for _ in range(chance.randrange(1, 4)):
        kind = chance.randrange(14) if depth else chance.randrange(5)
        if kind < 3:
            piece = pick(["a", "b", "c", "ab", ".", "é", "ß", "K", "\\d", "\\w", "\\s", "\\W", "\\b", "\\B", "^", "$", "\\A", "\\Z", "\\n", "x"])
        elif kind == 3:
            piece = pick(["[ab]", "[^a]", "[a-c]", "[\\w-]", "[]a]", "[^\\d\\s]", "[é-ü]", "[\\W\\d]", "[a-zA-Z]"])
        elif kind == 4:
            piece = pick(["\\1", "\\2", "(?P=n)", "(?:)", "()", "(?#c)"]) if chance.random() < .5 else pick(["a", "b"])
        elif kind < 8:
            piece = "(" + pick(["", "", "?:", "?:", "?P<n>", "?=", "?!", "?<=", "?<!", "?>", "?i:", "?s-m:", "?x:", "?m:"]) + pattern(chance, depth - 1) + ")"
        elif kind < 10:
            piece = "(?:" + pattern(chance, depth - 1) + "|" + pattern(chance, depth - 1) + ")"
        elif kind == 10:
            piece = "(" + pattern(chance, depth - 1) + ")" + pick(["?", ""]) + "(?(1)" + pattern(chance, 0) + pick(["|" + pattern(chance, 0), ""]) + ")"
        else:
            piece = pattern(chance, depth - 1)
        if chance.random() < 0.45:
            piece = "(?:" + piece + ")" if len(piece) > 1 and piece[0] not in "([\\" else piece
            piece += pick(["*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", "{0}"]) + pick(["", "", "", "?", "+"])
        pieces.append(piece)
    return "".join(pieces)


def regex(chance):
    import re
    text = pattern(chance, chance.randrange(4))
    if chance.random() < 0.1:
        text = "".join(chance.choice("ab()[]{}*+?|\\^$.-<=!:P#i1,n>") for _ in range(chance.randrange(1, 15)))
    if chance.random() < 0.1:
        text = chance.choice(["(?i)", "(?s)", "(?m)", "(?x)", "(?a)"]) + text
    flags = chance.choice([0, 0, 0, re.I, re.M, re.S, re.X, re.A, re.I | re.A])
    subject = "".join(chance.choice("aaabbbccx \nABCéÉßKk1_-") for _ in range(chance.randrange(20)))
    binary = chance.random() < 0.15
    try:
        if binary:
            text, subject = text.encode("latin-1", "ignore"), subject.encode("latin-1", "ignore")
        compiled = re.compile(text, flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        return f"{text!r} {flags} {type(error).__name__} {error}"
    out = [f"{text!r} {flags!r} {subject!r}"]
    for act in (lambda: compiled.match(subject), lambda: compiled.fullmatch(subject), lambda: compiled.findall(subject), lambda: [(m.span(), m.regs, m.lastindex) for m in compiled.finditer(subject)], lambda: compiled.split(subject, 3), lambda: compiled.subn(b"<\\g<0>>" if binary else "<\\g<0>>", subject), lambda: (m := compiled.search(subject, 2, 10)) and (m.groups(), m.span())):
        try:
            out.append(repr(act())[:200])
        except (TypeError, IndexError, re.error, RecursionError, MemoryError) as error:
            out.append(f"{type(error).__name__} {error}")
    return " ; ".join(out)


def run(exe, mode, seed, first, last):
    return runs.run(exe, [__file__, "--child", mode, str(seed), str(first), str(last)], 200)


def main():
    if sys.argv[1:2] == ["--child"]:
        mode, seed, first, last = sys.argv[2:]
        return child(mode, seed, int(first), int(last))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exe", required=True)
    parser.add_argument("--reference", default="python3.11")
    parser.add_argument("--seconds", type=int, default=60, help="for each mode")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--case", type=int, help="runs one case under --exe")
    parser.add_argument("--show", type=int, default=30, help="differences printed at most, for each mode")
    parser.add_argument("modes", nargs="*")
    options = parser.parse_args()
    bad = 0
    for mode in options.modes or list(SIZES):
        if options.case is not None:
            print(*run(options.exe, mode, options.seed, options.case, options.case + 1)[0])
            continue
        end, first, differing, crashes = time.monotonic() + options.seconds, 0, 0, 0
        while time.monotonic() < end:
            last = first + SIZES[mode]
            have, note = run(options.exe, mode, options.seed, first, last)
            if note:
                crashes += 1
                print(f"{mode}: after case {have[-1].split()[0] if have else first}: {note}", flush=True)
            want, note = ([], "") if mode in TRUSTED else run(options.reference, mode, options.seed, first, last)
            if note:
                crashes += 1
                print(f"{mode}: the reference, after case {want[-1].split()[0] if want else first}: {note}", flush=True)
            for expected, got in zip(want, have):
                if expected != got and "? slow" not in expected + got:
                    differing += 1
                    if differing <= options.show:
                        print(f"{mode}:\n    CPython: {expected}\n    Habu:    {got}", flush=True)
            first = last
        print(f"{mode}: {first} cases, {crashes} crashes, {differing} different", flush=True)
        bad += crashes + differing
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
