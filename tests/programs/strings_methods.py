"""Methods of str."""
s = "  Hello, Wörld  "
print(s.strip(), s.lower(), s.upper(), s.title(), s.swapcase(), s.casefold(), s.center(20, "*"), s.split(), sep="|")
print("a,b,,c".split(","), "a,b,,c".rsplit(",", 1), "abc".partition("b"), "abcb".rpartition("b"), "x".partition("y"))
print("a\nb\r\nc\x0bd\u2028e".splitlines(), "a\nb".splitlines(True), "ab\tc".expandtabs(4))
print("banana".replace("a", "o", 2), "banana".count("an"), "banana".find("n", 3), "banana".rfind("n"), "banana".index("n"))
print("abc".startswith(("x", "a")), "abc".endswith("c", 1, 3), "abc".removeprefix("a"), "abc".removesuffix("c"))
print("abc".translate({97: "X", 98: None}), str.maketrans("ab", "cd", "e"), "-".join("abc"), "42".zfill(5), "-42".zfill(5))
for t in ("abc", "ABC", "123", "½", "²", "٣", "a1", " ", "", "Ab", "a b", "_x", "é", "ß"):
    print(repr(t), t.isalpha(), t.isdigit(), t.isdecimal(), t.isnumeric(), t.isalnum(), t.isspace(), t.islower(), t.isupper(), t.istitle(), t.isidentifier(), t.isprintable(), t.isascii())
print("ß".upper(), "İ".lower(), "ǆ".title(), "ﬁ".upper(), "Σ".lower(), "ΑΣ".lower())
