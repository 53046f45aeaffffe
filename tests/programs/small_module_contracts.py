"""Small contracts of modules: names of the old Unicode database, names of files, states of streams."""
import _symtable, io, os, unicodedata, warnings


def tried(call, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(call(*args))
        except Exception as error:
            print(type(error).__name__, error)
        print(*(warning.message for warning in caught))


for name in "LATIN CAPITAL LETTER GHA", "latin capital letter oi", "LATIN SMALL LETTER R WITH TILDE", "LATIN SMALL LETTER A":
    tried(unicodedata.lookup, name), tried(unicodedata.ucd_3_2_0.lookup, name)
for name in b"spam", bytearray(b"spam"), 3, "a\0b":
    tried(lambda: _symtable.symtable("pass", name, "exec").name)
stream = io.StringIO()
stream.close()
tried(stream.__setstate__, ("closed", "", 0, None))

# Streams in memory end without `close`, unless a class of Python's own or the collector ends them.
import gc
for kind in io.BytesIO, io.StringIO:
    stream = kind()
    stream.close = lambda: print("closed")
    del stream
    class Own(kind):
        def close(self): print("own"); super().close()
    Own()
    stream = kind()
    stream.self, stream.close = stream, lambda: print("closed by the collector")
    del stream
    gc.collect()
