"""What streams tell their raw streams and each other: views, partial writes, signals, closing, sizes."""
import array, codecs, io, os, signal, sys, tempfile, threading


def tried(call, *args, **keywords):
    try:
        print("gave", call(*args, **keywords))
    except BaseException as error:
        print(type(error).__name__, error, "|", type(error.__cause__).__name__)


class Raw(io.RawIOBase):
    answer = None

    def readable(self): return True
    def writable(self): return True
    def write(self, data):
        print("write", type(data).__name__, data.readonly, bytes(data))
        return len(data) if self.answer is None else self.answer
    def readinto(self, data):
        print("readinto", type(data).__name__, data.readonly, len(data))
        return 0 if self.answer is None else self.answer


raw = Raw()
stream = io.BufferedWriter(raw, 4)
stream.write(b"abcdef"), stream.write(b"xy"), stream.flush()
raw.answer = b"no number"
stream.write(b"z")
tried(stream.flush)
tried(io.BufferedReader(raw).read, 2)
raw.answer = None

# One read fills a large buffer, behind what was read ahead.
class Pieces(io.RawIOBase):
    def __init__(self, *pieces): self.pieces = list(pieces)
    def readable(self): return True
    def readinto(self, data):
        piece = self.pieces.pop(0) if self.pieces else b""
        data[:len(piece)] = piece
        return len(piece)

reader = io.BufferedReader(Pieces(b"abc", b"def", b"gh"), 10)
room = bytearray(20)
print(reader.peek(1), reader.readinto1(room), room[:6])
small = bytearray(4)
print(io.BufferedReader(Pieces(b"ab", b"cd"), 10).readinto1(small), small)

# A write that a signal cut short does not go on before the handler has run.
class Alarm(Exception): pass

def handler(number, frame): raise Alarm

signal.signal(signal.SIGALRM, handler)
for buffering, data in (-1, b"x"), (0, b"x"), (100, b"x"):
    read, write = os.pipe()
    with open(write, "wb", buffering, closefd=False) as stream:
        reading = threading.Thread(target=os.read, args=(read, 1))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        reading.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        call = (stream.write, (data * 1_000_000,))
        try:
            call[0](*call[1])
            print("written")
        except Alarm:
            print("alarm", buffering)
        reading.join()
        os.close(read)
        try: stream.close()
        except OSError as error: print(type(error).__name__)
    os.close(write)

# What a stream in pieces weighs, open and closed; a closed one is closed for all its methods.
for kind in io.BufferedReader, io.BufferedWriter, io.BufferedRandom:
    stream = kind(io.BytesIO(), 10_000)
    before = sys.getsizeof(stream) - 10_000
    stream.close()
    print(kind.__name__, sys.getsizeof(stream) == before)
    tried(stream.tell), tried(stream.flush)
tried(io.BufferedWriter, Raw(), sys.maxsize)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "f")
    stream = open(path, "wb", 0)
    stream.close()
    tried(stream.flush)
    print("__IOBase_closed" in stream.__dict__)
    stream = open(path, "wb", 0)
    def refuse(): raise OSError("not flushed")
    stream.flush = refuse
    tried(stream.close)
    print(stream.closed)
    # Other bytes-like objects name files still.
    open(path, "w").close()
    import warnings
    for name in bytearray(os.fsencode(folder)), memoryview(os.fsencode(folder)), array.array("b", os.fsencode(folder)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(os.listdir(name), os.path.isdir(os.fsdecode(bytes(name))), os.stat(name).st_mode == os.stat(folder).st_mode)
        print(*(str(warning.message) for warning in caught), sep="\n")
tried(os.stat, bytearray(b"a\0b"))
tried(os.posix_spawn, "/bin/true", ["true"], {}, resetids=None)

# Text.
text = io.TextIOWrapper(io.BytesIO(), "ascii")
tried(text.reconfigure, encoding="locale\0")
tried(text.reconfigure, errors="no such handler")
tried(text.reconfigure, errors="\udcfe")
for value in 2, 0, 1.5, "x", 2**1000:
    tried(text.reconfigure, line_buffering=value)
    print(text.line_buffering)
tried(io.TextIOWrapper, io.BytesIO(), "utf-8\0")
tried(codecs.lookup_error, "a\0")
text.detach()
print(repr(text), text.errors, text.encoding)

class Chunks(io.RawIOBase):
    def writable(self): return True
    def write(self, data):
        print(len(data))
        return len(data)

text = io.TextIOWrapper(Chunks(), "ascii")
text.write("abc"), text.write("def"), text.write("x" * 8193), text.write("ghi"), text.write("x" * 8192)
text.flush()

# An error of surrogateescape begins behind what it can write, in the codecs that do that by themselves.
for encoding in "utf-8", "ascii", "latin-1", "utf-16", "cp1252":
    for sample in "[\udc80\ud800\udfff]", "\udc80\udc81\u1234\u1235a", "ab\udc80\udf00":
        try:
            print(sample.encode(encoding, "surrogateescape"))
        except UnicodeEncodeError as error:
            print(error.encoding, error.start, error.end)
