"""What each error handler does with what a codec cannot take, both ways; handlers of one's own."""
import codecs

text = "a\xe9\u20ac\U0001f600\udc80z"
for encoding in ("ascii", "latin-1", "cp1252", "utf-8", "utf-16-le", "utf-32-be", "utf-7", "koi8-r"):
    for handler in ("strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"):
        try:
            print(encoding, handler, text.encode(encoding, handler))
        except UnicodeError as error:
            print(encoding, handler, type(error).__name__, error)
data = b"a\xff\xe9\xed\xa0\x80\xf0\x9f\x98z"
for encoding in ("ascii", "utf-8", "utf-16-le", "utf-32-le", "utf-7", "cp1252", "unicode_escape", "raw_unicode_escape"):
    for handler in ("strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass"):
        try:
            print(encoding, handler, ascii(data.decode(encoding, handler)))
        except UnicodeError as error:
            print(encoding, handler, type(error).__name__, error)


def spell(error):
    print("   asked:", type(error).__name__, error.encoding, error.start, error.end, error.reason)
    if isinstance(error, UnicodeEncodeError):
        return "<%d>" % ord(error.object[error.start]), error.start + 1
    return "<?>", error.end


codecs.register_error("test.spell", spell)
print(text.encode("ascii", "test.spell"), ascii(data.decode("utf-8", "test.spell")))
codecs.register_error("test.back", lambda error: ("!", -1))
print("\xe9\xe9z".encode("ascii", "test.back"))
for wrong in (lambda error: None, lambda error: ("x",), lambda error: (1, 2), lambda error: ("x", 100)):
    codecs.register_error("test.wrong", wrong)
    try:
        print("\xe9".encode("ascii", "test.wrong"))
    except (TypeError, IndexError) as error:
        print(type(error).__name__, error)
for handler in ("xmlcharrefreplace", "namereplace", "no-such"):
    try:
        b"\xff".decode("utf-8", handler)
    except (TypeError, LookupError) as error:
        print(type(error).__name__, error)
print(b"".decode("no-such-codec") == "")
for name in ("no-such-codec", "hex", "rot13"):
    try:
        print("x".encode(name))
    except (LookupError, TypeError) as error:
        print(type(error).__name__, error)
