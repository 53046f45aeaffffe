# Prints what CPython 3.11 knows of every character, for `cargo xtask unicode`.
#
# Sections start with a line `@NAME`. In `@type` and `@database` a line stands for a run of code points with equal
# facts: first code point in hexadecimal, then the fields, separated by blanks.
import ctypes
import sys
import unicodedata as u

N = sys.maxunicode + 1
simple = [getattr(ctypes.pythonapi, "_PyUnicode_To%scase" % n) for n in ("Lower", "Upper", "Title")]
for f in simple:
    f.argtypes = [ctypes.c_uint32]
    f.restype = ctypes.c_uint32


def hexes(text):
    return ",".join("%x" % ord(c) for c in text)


def kind(i):
    c = chr(i)
    final = (c + "\u03a3").lower()[-1] == "\u03c2"
    through = ("A" + c + "\u03a3").lower()[-1] == "\u03c2"
    flags = (
        c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isspace(), c.isprintable(), c.isupper(),
        c.islower(), c.istitle() and not c.isupper(), c.isidentifier(), ("a" + c).isidentifier(),
        len(("a" + c + "b").splitlines()) == 2, (c + "a").title()[-1] == "a", through and not final,
    )
    bits = sum(1 << n for n, flag in enumerate(flags) if flag)
    one = [f(i) for f in simple]
    full = [c.lower(), c.upper(), c.title(), c.casefold()]
    fields = ["%x" % bits, str(u.decimal(c, 255)), str(u.digit(c, 255))]
    if all(len(f) == 1 for f in full) and [ord(f) for f in full[:3]] == one:
        fields += [str(m - i) for m in one] + [str(ord(full[3]) - i), "-"]
    else:
        fields += [str(m - i) for m in one] + ["0", "|".join(map(hexes, full))]
    return " ".join(fields)


def database(i):
    c = chr(i)
    return " ".join((
        u.category(c), u.bidirectional(c) or "-", str(u.combining(c)), u.east_asian_width(c), str(u.mirrored(c)),
        "".join(str(int(u.is_normalized(form, c))) for form in ("NFC", "NFD", "NFKC", "NFKD")),
    ))


def runs(title, facts):
    print("@" + title)
    before = None
    for i in range(N):
        now = facts(i)
        if now != before:
            print("%x %s" % (i, now))
        before = now


print("@version\n" + u.unidata_version)
runs("type", kind)
runs("database", database)
print("@numeric")
for i in range(N):
    value = u.numeric(chr(i), None)
    if value is not None:
        print("%x %r" % (i, value))
print("@decomposition")
pairs = []
for i in range(N):
    c = chr(i)
    text = u.decomposition(c)
    if text:
        print("%x %s" % (i, text))
        if text[0] != "<" and text.count(" ") == 1:
            pair = "".join(chr(int(p, 16)) for p in text.split())
            if u.normalize("NFC", pair) == c:
                pairs.append((*map(ord, pair), i))
print("@composition")
for pair in sorted(pairs):
    print("%x %x %x" % pair)
old = u.ucd_3_2_0
print("@old")
for i in range(N):
    c = chr(i)
    now = (u.category(c), u.bidirectional(c) or "-", u.east_asian_width(c), u.mirrored(c), u.decimal(c, 255))
    then = (old.category(c), old.bidirectional(c) or "-", old.east_asian_width(c), old.mirrored(c), old.decimal(c, 255))
    if then[0] != "Cn" and now != then:
        print("%x" % i, *then)
print("@oldassigned")
before = False
for i in range(N + 1):
    now = i < N and old.category(chr(i)) != "Cn"
    if now != before:
        print("%x" % i)
    before = now
print("@olddecomposition")
for i in range(N):
    c = chr(i)
    if old.category(c) != "Cn" and old.normalize("NFD", c) != u.normalize("NFD", c):
        print("%x %x" % (i, ord(old.normalize("NFD", c))))
print("@alias")
for line in sys.stdin:
    line = line.split("#")[0].strip()
    if line:
        name, *points = line.split(";")
        try:
            found = u.lookup(name)
        except KeyError:
            continue
        if len(found) != 1 or u.name(found, "") != name:
            print("%s;%s" % (name, hexes(found)))
