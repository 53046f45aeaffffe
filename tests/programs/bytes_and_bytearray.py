"""bytes, bytearray and memoryview."""
b = b"hello"
print(b[0], b[1:3], b.hex(), b.hex("-", 2), bytes.fromhex("68 65"), b.upper(), b.find(b"l"), b.replace(b"l", b"L"), list(b), b * 2)
a = bytearray(b)
a[0] = 72
a[1:2] = b"EEE"
a += b"!"
a.extend([33, 34]); a.append(35); a.insert(0, 1); del a[1]
print(a, a.pop(), len(a), a.reverse(), a)
m = memoryview(a)
m[0] = 65
print(m[:2].tobytes(), m.nbytes, m.format, m.readonly, m.tolist()[:3], m[::-1].tobytes())
try:
    a.append(1)
except BufferError as error:
    print(error)
m.release()
a.append(1)
print(bytes(3), bytes([1, 2]), bytes("é", "utf-8"), b"%d" % 5, b"a" in b"abc", 97 in b"abc", b"\x00\xff\n\t'\"")
for call in (lambda: bytes("a"), lambda: bytes(-1), lambda: b"a" + "b", lambda: bytearray([300]), lambda: b"abc".decode("ascii", 5), lambda: bytes.fromhex("xyz"), lambda: b[10]):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
