"""Regular expressions."""
import re
m = re.match(r"(?P<a>\w+)-(\d+)?", "ab-12x"); print(m.group(), m.groups(), m.groupdict(), m.span(2), m.start("a"), m["a"], m.lastgroup, m.lastindex, m.re.pattern, m.expand(r"\2\g<a>"), m)
print(re.findall(r"(a)(b)?", "ab a"), re.split(r"([,;])", "a,b;c"), re.sub(r"(\w)(\d)", r"\2\1", "a1 b2"), re.subn("a", lambda m: m[0].upper(), "banana", 2), re.fullmatch("a+", "aab"), re.search("(?i)B", "abc").start(), [m.span() for m in re.finditer("", "ab")])
print(re.sub("(?m)^", "> ", "x\ny"), re.findall(r"(?s)a.b", "a\nb"), re.findall(r"(?x) a  b # c", "ab"), re.findall(r"(?<=a)b|(?<!a)c", "abcac"), re.match(r"(a)|b", "b").groups("none"), re.findall(r"\bfoo\b", "foo food"), re.escape("a.b*c"), re.match(r"(?:a|ab)(?:c|bcd)(d*)", "abcd").group(1), re.match(r"(?>a+)b", "aab").group(), re.match("a++b", "aab").group(), re.match(r"(a)?(?(1)b|c)", "c").group())
for p in ("(", "[a", "*", "a**", "(?P<1>a)", "(?<=a*)b", r"\1", "(?z)", "a{2,1}", "(?P<a>x)(?P<a>y)", "[z-a]", "(?i"):
    try: re.compile(p)
    except re.error as e: print(p, e)
print(re.compile("a", re.I | re.M), re.I | re.S, re.compile("é").search("É", re.I if 0 else 0), re.findall(r"[^\W\d_]+", "añb 12_c"), re.split(r"\s*", " a b "))
