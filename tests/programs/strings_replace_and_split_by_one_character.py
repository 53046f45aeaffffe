"""`replace` and `split` by a single character, with counts, at ends, and where there is nothing to find."""
for text in ("", "b", "abc", "b" * 3, "a,b,,c,", "x" * 40 + "b", "é,b", "日本,b"):
    print(ascii(text.replace("b", "d")), ascii(text.replace("b", "d", 1)), ascii(text.replace("b", "é")), text.replace("b", "b") is text)
    print([ascii(part) for part in text.split(",")], [ascii(part) for part in text.split(",", 1)], text.split("b", 0), text.split("é"))
print("abc".replace("z", "y"), "abc".replace("b", "d", 0), "a\0b".replace("\0", "-"), "a\0b".split("\0"))
print(f"{'text'}{1}{2!r:>5}{'x':<3}|{''}{'é'}")


class Text(str):
    pass


print(type(Text("abc").replace("z", "y")), type(Text("b").replace("b", "c")), type(f"{Text('a')}"), f"{Text('a')!s}")
