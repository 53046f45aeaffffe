"""The bytes of pickles in all protocols, what comes back, hooks of subclasses, and what is said of bad input."""
import collections
import copyreg
import hashlib
import io
import pickle


class Plain:
    def __init__(self):
        self.x, self.y = 1, [self]


class Slotted:
    __slots__ = ("a", "b")


class Listed(list):
    pass


values = [
    None, True, False, 0, 255, 256, 65535, 65536, -1, -129, 2**31 - 1, 2**31, -2**31 - 1, 2**100, -2**100, 1.5, float("inf"),
    "", "abc", "é", "\ud800", "\U0001f600" * 10, "a" * 300, "\\\n\r\x00\x1a", b"", b"abc", b"y" * 100000, bytearray(b"abc"),
    (), (1,), (1, 2, 3), (1, 2, 3, 4), [], [1], list(range(2005)), {}, {1: 2}, {i: i for i in range(1001)}, {1},
    frozenset([1]), Plain, len, type(None), ..., NotImplemented, collections.OrderedDict(a=1), Listed([1, 2]), 1 + 2j,
    range(3), collections.deque([1]), KeyError(1), list(map(str, range(9000))),
]
loop = []
loop.append(loop)
knot = ([],)
knot[0].append(knot)
for protocol in range(6):
    for value in values:
        data = pickle.dumps(value, protocol)
        file = io.BytesIO()
        pickle.dump(value, file, protocol)
        assert file.getvalue() == data
        file.seek(0)
        back = pickle.load(file)
        assert file.read() == b""
        print(protocol, hashlib.md5(data).hexdigest()[:8], len(data), type(back).__name__, repr(back) == repr(value))
    print(pickle.loads(pickle.dumps(loop, protocol)), pickle.loads(pickle.dumps(knot, protocol))[0][0][0][:0])
    plain = pickle.loads(pickle.dumps(Plain(), protocol))
    print(plain.x, plain.y[0] is plain)


class Hooked(pickle.Pickler):
    def persistent_id(self, obj):
        return ("kept", len(obj)) if obj == "secret" else None

    def reducer_override(self, obj):
        return (list, ("ab",)) if obj is Slotted else NotImplemented


class Unhooked(pickle.Unpickler):
    def persistent_load(self, pid):
        return list(pid)

    def find_class(self, module, name):
        print("find", module, name)
        return super().find_class(module, name)


file = io.BytesIO()
Hooked(file, 4).dump(["secret", Slotted, Plain])
print(Unhooked(io.BytesIO(file.getvalue())).load())
table = pickle.Pickler(file)
table.dispatch_table = copyreg.dispatch_table.copy()
table.dispatch_table[Slotted] = lambda obj: "Plain"
print(table.bin, table.fast, sorted(table.memo.copy()))

big = bytearray(b"z" * 10)
buffers = []
data = pickle.dumps(pickle.PickleBuffer(big), 5, buffer_callback=buffers.append)
print(data, pickle.loads(data, buffers=buffers) is buffers[0], bytes(buffers[0].raw()))

for data in [
    b"g1\n.", b"(.", b".", b"t.", b"\xff.", b"", b"I\n.", b"Ix\n.", b"Lx\n.", b"Fx\n.", b"Sx\n.", b"Np-1\n.", b"NNR.", b"N)\x81.",
    b"\x82\x01.", b"\x82\x00.", b"\x97.", b"NQ.", b"NN\x93.", b"\x80\x09.", b"c\n\n.", b"(NNNd.", b"](NNNu.", b"N(Na.", b"X\x01\0\0\0.",
    b"\x8b\xff\xff\xff\xff.", b"T\xff\xff\xff\xff.", b"\x95\x01\0\0\0\0\0\0\0", b"1.", b"2.", b"NNN\x92.", b"h\x01.", b"NNa.", b"b.",
]:
    try:
        print(data, pickle.loads(data))
    except Exception as error:
        print(data, type(error).__name__, error)
for bad in [lambda: 0, (i for i in ()), io.StringIO]:
    try:
        print(len(pickle.dumps(bad)))
    except Exception as error:
        print(type(error).__name__, str(error).split(" at 0x")[0])
