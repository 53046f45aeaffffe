"""`struct`: sizes and alignment of native and standard formats, limits of each code, refusals, iteration and buffers."""
import struct

for code in "xcbB?hHiIlLqQnNefdspP":
    try:
        print(code, struct.calcsize(code), struct.calcsize("@b" + code), struct.calcsize("=b" + code) if code not in "nNP" else None, struct.calcsize("3" + code))
    except struct.error as error:
        print(code, error)
for form, values in (("b", (128,)), ("B", (-1,)), ("h", (2**15,)), ("H", (2**16,)), ("i", (2**31,)), ("I", (-1,)), ("q", (2**63,)), ("Q", (2**64,)), ("<q", (2**63,)), ("<b", ("a",)), ("c", ("a",)), ("c", (b"ab",)), ("s", ("a",)), ("3s", (b"abcdef",)), ("3s", (b"a",)), ("5p", (b"abcdefgh",)), ("p", (b"a",)), ("0s", (b"abc",)), ("f", ("x",)), ("f", (1e300,)), ("e", (65520.0,)), ("e", (65519.0,)), ("d", (None,)), ("?", ([],)), ("?", ("x",)), ("i", (1.5,)), ("n", (1,)), ("<n", (1,)), ("P", (-1,)), ("2i", (1,)), ("i", (1, 2)), ("", (1,)), ("z", ()), ("5", ()), ("99999999999999999999i", ()), ("i i", (1, 2)), (" i\n", (1,)), ("ii<", (1, 2)), ("@i=", (1,)), ("0i", ()), ("3x", ()), (">I", (True,)), ("<d", (1,)), (b"<h", (5,))):
    try:
        print(form, values, struct.pack(form, *values))
    except (struct.error, OverflowError, TypeError) as error:
        print(form, values, type(error).__name__, error)
for form, data in (("<h", b"\xff\xff"), (">H", b"\x01\x02"), ("<e", b"\x00\x7c"), ("<e", b"\x01\x00"), (">f", b"\x7f\xc0\x00\x00"), ("<d", b"\0" * 7), ("3p", b"\x05ab"), ("p", b"\x00"), ("2s2s", b"abcd"), ("?", b"\x02"), ("<l", b"\x01" * 4), ("<l", b"\x01" * 5), ("c", b"a"), ("i", "abcd"), ("x", b"z"), ("", b"")):
    try:
        print(form, data, struct.unpack(form, data))
    except (struct.error, TypeError) as error:
        print(form, data, type(error).__name__, error)
made = struct.Struct("<hB")
print(made.size, made.format, made.pack(1, 2), list(made.iter_unpack(b"\1\0\2\3\0\4")), made.unpack_from(b"xx\1\0\2", 2), made.unpack_from(b"\1\0\2zz", -5))
buffer = bytearray(8)
made.pack_into(buffer, 1, 5, 6)
made.pack_into(buffer, -3, 7, 8)
print(buffer)
for attempt in (lambda: made.pack_into(buffer, 6, 1, 2), lambda: made.pack_into(buffer, -9, 1, 2), lambda: made.pack_into(buffer, -2, 1, 2), lambda: made.pack_into(b"abc", 0, 1, 2), lambda: made.unpack_from(b"ab"), lambda: made.unpack_from(b"abc", 1), lambda: made.unpack_from(b"abc", -4), lambda: list(made.iter_unpack(b"1234")), lambda: list(struct.iter_unpack("", b"")), lambda: made.pack(1), lambda: made.pack(1, 2, 3), lambda: made.pack_into(buffer, 0), lambda: made.pack_into(), lambda: struct.Struct(5), lambda: struct.Struct("é"), lambda: struct.pack(), lambda: struct.pack_into("b", bytearray(1), "x", 1), lambda: made.unpack(b"12")):
    try:
        print(attempt())
    except (struct.error, TypeError, UnicodeEncodeError) as error:
        print(type(error).__name__, error)
iterator = struct.iter_unpack("<h", b"\1\0\2\0\3\0")
print(iterator.__length_hint__(), next(iterator), iterator.__length_hint__(), list(iterator))
