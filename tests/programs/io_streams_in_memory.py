"""StringIO, BytesIO, TextIOWrapper."""
import io
s = io.StringIO("a\nb\r\nc"); print(s.readline(), s.tell(), s.read(2), s.readlines(), s.getvalue()); s.seek(0); s.write("XY"); s.truncate(3); print(repr(s.getvalue()))
b = io.BytesIO(b"hello"); print(b.read(2), b.readinto(bytearray(2)), b.getbuffer()[:2].tobytes(), b.seek(-1, 2), b.read(), b.read1(5))
raw = io.BytesIO(); t = io.TextIOWrapper(raw, encoding="utf-16-le", newline="\r\n"); t.write("é\n"); t.flush(); print(raw.getvalue(), t.encoding, t.newlines, t.line_buffering)
t = io.TextIOWrapper(io.BytesIO(b"a\r\nb\rc\n"), newline=None); print(t.readlines(), t.newlines)
t = io.TextIOWrapper(io.BytesIO(b"a\r\nb\rc\n"), newline=""); print(t.readlines()); t = io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="ascii", errors="replace"); print(t.read())
for f in (lambda: io.StringIO().write(b""), lambda: io.BytesIO().write(""), lambda: io.StringIO().seek(1, 1), lambda: open("x", "zz"), lambda: open("x", "rb", encoding="u"), lambda: io.BytesIO().seek(-1)):
    try: f()
    except Exception as e: print(type(e).__name__, e)
c = io.StringIO(); c.close()
try: c.read()
except ValueError as e: print(e)
r = io.BufferedReader(io.BytesIO(b"abcdef"), 2); print(r.peek(1)[:1], r.read(3), r.tell(), r.read())
