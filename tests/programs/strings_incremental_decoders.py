"""Decoders that get their input in pieces hold back what is incomplete, and tell their state."""
import codecs

for encoding in ("utf-8", "utf-16", "utf-32", "utf-7", "utf-8-sig", "shift_jis", "gb18030", "iso2022_jp"):
    text = "a\u3042\u4e9c\U0001f600z" if encoding.startswith(("utf", "gb")) else "a\u3042\u4e9cz"
    data = text.encode(encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces = [decoder.decode(data[index:index + 1]) for index in range(len(data))]
    print(encoding, data, "".join(pieces) + decoder.decode(b"", True) == text, [len(piece) for piece in pieces])
decoder = codecs.getincrementaldecoder("utf-8")()
print(ascii(decoder.decode(b"\xe3\x81")), decoder.getstate())
try:
    decoder.decode(b"", True)
except UnicodeDecodeError as error:
    print(error)
decoder.reset()
print(decoder.getstate())
encoder = codecs.getincrementalencoder("utf-16")()
print(encoder.encode("a"), encoder.encode("b"), encoder.getstate())
encoder.reset()
print(encoder.encode("c", True))
print(list(codecs.iterdecode([b"\xc3", b"\xa9x"], "utf-8")), list(codecs.iterencode(["\xe9", "x"], "utf-8")))
print(codecs.utf_8_decode(b"a\xe3\x81"), codecs.utf_8_decode(b"a\xe3\x81\x82", "strict", False))
for arguments in ((b"a\xe3\x81", "strict", True),):
    try:
        codecs.utf_8_decode(*arguments)
    except UnicodeDecodeError as error:
        print(error.args)
print(codecs.charmap_encode("ab", "strict", {97: 65, 98: b"xy"}), codecs.charmap_decode(b"\x00\x01", "strict", {0: "null", 1: 66}))
print(codecs.escape_decode(rb"\x41\n\101\\"), codecs.escape_encode(b"a\n\xff'"))
