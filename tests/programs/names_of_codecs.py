"""Names of encodings that C could not take as strings."""
import codecs

for name in ("utf-8\udce2", "utf8\0", "\udc80", "x y", "utf-8\xe9", "UTF 8", "latin\u20111"):
    for act in (lambda: b"a".decode(name), lambda: "a".encode(name), lambda: codecs.lookup(name).name, lambda: str(b"a", name)):
        try:
            print(ascii(name), ascii(act()))
        except (LookupError, ValueError) as error:
            print(ascii(name), type(error).__name__, ascii(str(error)))
