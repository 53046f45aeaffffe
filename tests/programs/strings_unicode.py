"""Code points, escapes, surrogates, normalisation, kinds."""
import sys, unicodedata
for s in ("a", "é", "€", "𝄞", "\udc80", "\0", "\x7f", "\u200b", "\N{SNOWMAN}"):
    print(ascii(s), repr(s) if not "\ud800" <= s <= "\udfff" else "surrogate", len(s), ord(s), unicodedata.category(s), s.encode("utf-8", "surrogatepass"))
print(sys.getsizeof(""), sys.getsizeof("a"), sys.getsizeof("é"), sys.getsizeof("€"), sys.getsizeof("𝄞"))
print("𝄞a"[0] == "\U0001d11e", "𝄞a"[1], "𝄞"[::-1] == "𝄞", "é" == "e\u0301", unicodedata.normalize("NFC", "e\u0301") == "é")
print("a\u0300".encode("unicode_escape"), b"\\u20ac\\x41".decode("unicode_escape"), "é€".encode("ascii", "xmlcharrefreplace"), "é".encode("ascii", "backslashreplace"))
for c in ("utf-8", "utf-16", "utf-32", "utf-16-le", "latin-1", "cp1252", "utf-7", "idna", "punycode", "utf-8-sig"):
    print(c, "é".encode(c), "é".encode(c).decode(c))
