"""Text and bytes that are produced in pieces: every length around the size of a piece, and what stands at its edges."""
import binascii
import codecs
import hashlib

ODD = ["a", "é", "ß", "Σ", "ς", "ŉ", "日", "\ud800", "😀", "'", '"', "\\", "\n", "\x7f", "\xad", "ı", "K", "ﬃ", " "]
LENGTHS = [0, 1, 2, 7, 8, 15, 16, 17, 31, 63, 64, 65, 126, 127, 128, 129, 255, 256, 257, 300]


def texts():
    for length in LENGTHS:
        for odd in ODD:
            yield "x" * length + odd
            yield odd + "y" * length
            yield odd * length
            yield "A b" * (length // 3) + odd + "é" * 3 + odd + "z" * 17 + odd


def shown(operation):
    total, failed = hashlib.md5(), 0
    for text in texts():
        try:
            result = operation(text)
        except (UnicodeError, ValueError) as error:
            result, failed = str(error), failed + 1
        total.update(repr((type(result).__name__, result)).encode("utf-8", "surrogatepass"))
        if isinstance(result, str):
            total.update(str(result.__sizeof__()).encode())
    return total.hexdigest(), failed


for name in ["repr", "ascii"]:
    print(name, shown(eval(name)))
for name in ["lower", "upper", "casefold", "title", "swapcase", "capitalize", "split", "expandtabs"]:
    print(name, shown(lambda text: getattr(text, name)()))
for name in ["utf-8", "utf-16", "utf-16-be", "utf-32", "ascii", "latin-1", "unicode_escape", "raw_unicode_escape", "utf-7", "cp1252"]:
    for errors in ["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"]:
        print(name, errors, shown(lambda text: text.encode(name, errors)))
for step in [-1, -2, -3, 2, 3, 1000]:
    print("step", step, shown(lambda text: text[::step] + text[5:-3:step] + text[-4:2:step]))

# What cannot be decoded, at every place of a piece.
WRONG = [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98\x80"]
for errors in ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass"]:
    total = hashlib.md5()
    for length in LENGTHS:
        for filler in [b"a", "é".encode(), "日".encode()]:
            for wrong in WRONG:
                for data in [filler * length + wrong, wrong + filler * length, filler * length + wrong + b"b" * 20]:
                    try:
                        text = data.decode("utf-8", errors)
                        result = ascii(text), text.__sizeof__()
                    except UnicodeDecodeError as error:
                        result = error.start, error.end, error.reason
                    total.update(repr(result).encode())
                    decoder = codecs.getincrementaldecoder("utf-8")(errors)
                    try:
                        parts = [decoder.decode(data[:-2]), decoder.decode(data[-2:-1]), decoder.decode(data[-1:], True)]
                    except UnicodeDecodeError as error:
                        parts = [str(error)]
                    total.update(ascii(parts).encode())
    print("utf-8", errors, total.hexdigest())
for order in ["utf-16", "utf-16-le", "utf-16-be"]:
    for data in ["日😀x".encode(order) + tail for tail in [b"", b"\x00", b"\x00\xd8", b"\xd8\x00\xd8\x00", b"\x00\xdc"]]:
        for errors in ["strict", "replace", "surrogatepass"]:
            try:
                print(order, errors, ascii(data.decode(order, errors)))
            except UnicodeDecodeError as error:
                print(order, errors, error)

# Tables: what stays, goes, becomes a character or a text, or is not known.
TABLE = {97: 98, 98: None, 99: "cc", 100: "é", 101: 8364, 102: "", 103: "g", 104: 104}
for text in ["", "a", "abcdefgh", "h" * 300, "b" * 300, "hhhc" * 100, "abcdefghé" * 3, "\x00\x7fz"]:
    result = text.translate(TABLE)
    print(ascii(result), result.__sizeof__())


class Asked:
    def __init__(self):
        self.keys = []

    def __getitem__(self, key):
        self.keys.append(key)
        if key == 120:
            raise LookupError
        return {97: "b", 98: None, 99: "cc"}.get(key, key)


for text in ["xxaabbxa", "abcabcab", "éaa", "aaéa"]:
    table = Asked()
    print(ascii(text.translate(table)), table.keys)
for wrong in [{97: -1}, {97: 0x110000}, {97: 1.5}]:
    try:
        "xxa".translate(wrong)
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)

# Hexadecimal digits.
for length in [0, 1, 2, 3, 255]:
    data = bytes(range(length))
    print(data.hex() == binascii.hexlify(data).decode() == "".join("%02x" % byte for byte in data), binascii.unhexlify(data.hex().upper()) == data)
for text in ["", "0", "00 ff", "00ff", " 00 ", "0 0", "0g", "00g0", "000", "00ff\n0", "é0", "00日0", "AbCd\t01"]:
    try:
        print(repr(text), bytes.fromhex(text), bytearray.fromhex(text))
    except ValueError as error:
        print(repr(text), error)
for text in [b"0", b"0g", b"zz", b"aBcD"]:
    try:
        print(text, binascii.unhexlify(text))
    except binascii.Error as error:
        print(text, error)

# One-character strings are the shared ones, and a text that stays whole is itself.
print([a is b for a, b in zip("ab\xe9", [chr(97), chr(98), chr(233)])])
word = "".join(["wo", "rd"])
print(word.split()[0] is word, (word + " ").split()[0] is word, " a  b \x1c c\x85d ".split(None, 1), "".split(), " ".split(None, 0), " a b ".split(None, 0))
iterator = iter("ab")
print(list(iterator), iterator.__length_hint__(), list(iterator), next(iter(b"\xff")), list(iter(b"\x00\x7f\xff")))
print(b"-".join([b"a", bytearray(b"b"), memoryview(b"c")]), b"".join([]), b"-".join([b"a"] * 3), bytearray(b"ab\xff"))
