"""struct: formats, alignment, errors."""
import struct
print(struct.pack("<ihb", 1, -2, 3), struct.pack(">Q", 2 ** 63), struct.pack("3s5p?c", b"ab", b"xyz", True, b"q"), struct.pack("<fd", 1.5, -2.25), struct.pack("<e", 0.1), struct.unpack("<2Hx", b"\1\0\2\0\0"), struct.calcsize("bI"), struct.calcsize("=bI"), struct.calcsize("nP"))
b = bytearray(8); struct.pack_into("<I", b, 2, 0xDEADBEEF); print(b.hex(), struct.unpack_from("<I", b, 2), list(struct.iter_unpack("<H", b"\1\0\2\0")), struct.Struct("<hh").size)
for f, a in (("b", (200,)), ("H", (-1,)), ("i", ("x",)), ("z", ()), ("2i", (1,)), ("s", ("x",)), ("c", (b"ab",)), ("f", (1e100,)), ("I", (1.5,))):
    try: print(struct.pack(f, *a))
    except Exception as e: print(f, type(e).__name__, e)
try: struct.unpack("i", b"abc")
except struct.error as e: print(e)
