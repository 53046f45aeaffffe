"""Patterns that are refused, with message and place; flags, groups, templates, splits and odd subjects."""
import re

for pattern in ("(", ")", "a)", "[", "[]", "[^]", "[b-a]", "[\\d-z]", "*", "a**", "a+++", "a{2,1}", "a{99999999999}", "(?", "(?P", "(?P<", "(?P<a", "(?P<1>x)", "(?P<a>x)(?P<a>y)", "(?P=a)", "(?P=", "(?P>x)", "(?<", "(?<=a*)b", "(?<!a+)", "(?(1)a)", "(?(2)a|b|c)(x)", "(x)(?(1)a|b|c)", "(?(a)b)", "(?#", "(?z)", "(?i", "(?-i)", "(?i-i:a)", "(?au:a)", "a(?i)b", "\\", "\\1", "(a)\\2", "\\8", "\\x1", "\\u12", "\\U00110000", "\\N{nothing}", "\\N", "\\q", "[\\q]", "\\400", "x{1}{2}", "(?:a", "(?<=(a)\\1)", "(?>a", "a{,", "a{1", "a{,3}b", "(?P<é>x)", "[a", "[[:alpha:]]", "(?L)a", "(?i:a)(?s-i:.)", "(?s:a))", "a??", "a*+a", "(?>a*)a"):
    try:
        compiled = re.compile(pattern)
        print(repr(pattern), "compiles", compiled.groups, compiled.groupindex, compiled.flags)
    except re.error as error:
        print(repr(pattern), error, error.pos, error.lineno, error.colno)
    except (OverflowError, RecursionError) as error:
        print(repr(pattern), type(error).__name__, error)
for flags in (re.A | re.U, re.L, re.DEBUG * 0, 512 * 0 + 4096 * 0):
    try:
        print(re.compile("a", flags))
    except ValueError as error:
        print(error)
print(re.I | re.M, repr(re.compile("a", re.X | re.S)), re.compile(b"a").flags, re.RegexFlag(0))
match = re.match(r"(?P<first>a)(b)?(c|d)+", "acdX")
print(match, match.groups("no"), match.groupdict(0), match.lastindex, match.lastgroup, match.regs, match.span("first"), match[2], match.end(3), match.expand(r"\g<first>-\3-\\n\t"))
for template in ("\\", "\\g", "\\g<", "\\g<x>", "\\g<9>", "\\4", "\\q", "\\g<1a>", "\\g<>", "\\0", "\\07", "\\400", "\\2"):
    try:
        print(repr(template), repr(re.sub("(a)(x)?", template, "banana")))
    except (re.error, IndexError) as error:
        print(repr(template), type(error).__name__, error)
print(re.split(r"(,)|\s*", "a,b  c"), re.split("", "ab"), re.split("x*", "axbc", 1), re.findall("(a)(b)?", "abaa"), re.findall("", "ab"), re.sub("", "-", "ab"), re.subn("b*", "-", "abc"), re.sub("a", lambda match: match[0].upper(), "banana", 2))
print([found.span() for found in re.finditer(r"\b|a", "a ab")], re.fullmatch("a|ab", "ab").span(), re.search(r"(?i)É", "é").span(), re.findall(r"\w+", "naïve Ⅷ ٣ _x"), re.findall(r"(?a)\w+", "naïve ٣"), re.findall("(?i)ſ|K|ß", "sSſkKKßẞ"))
print(re.escape("a.b*c\n é-#&~ "), re.match("(?m)^b$", "a\nb", 0), re.compile("^b", re.M).search("a\nb").start(), re.compile("a").search("banana", 2, 3), re.compile("$").findall("a\n"), re.compile("(?<=a)b|(?<!a)c").findall("abc c ac"))
for call in (lambda: re.match("a", b"a"), lambda: re.match(b"a", "a"), lambda: re.compile(5), lambda: re.compile("a", "x"), lambda: re.sub("a", 5, "a"), lambda: re.sub("a", b"x", "a"), lambda: match.group(9), lambda: match.group("x"), lambda: match.start("nope"), lambda: match.group(1.5), lambda: re.compile(re.compile("a"), re.I), lambda: re.match("(a", "a"), lambda: match[-1], lambda: re.sub("a", lambda match: 5, "a"), lambda: re.template if hasattr(re, "nothing") else 1):
    try:
        print(call())
    except (TypeError, IndexError, re.error, ValueError) as error:
        print(type(error).__name__, error)
print(re.match(r"((a)|b)*", "ab").groups(), re.match(r"(?:(a)|b)*", "ab").groups(), re.match(r"(a?)*?$", "aa").groups(), re.match(r"(?=(a+))a*b\1", "aaabaa"), re.match(r"(?P<q>['\"]).*?(?P=q)", "'a\"'").group(), re.match("(?:a{2}){3}", "a" * 7).end(), re.match(r"(x)?(?(1)y|z)", "z").span())
print(re.compile("a") == re.compile("a"), hash(re.compile("a")) == hash(re.compile("a")), re.compile("a") == re.compile("a", re.I), re.compile("(?x) a # comment\n b").match("ab"))
