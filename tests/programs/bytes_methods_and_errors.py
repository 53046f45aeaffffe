"""Bytes and bytearrays: methods with odd arguments, in-place changes, translation, hex, and what is refused."""
for data in (b"ab,cd,,e", bytearray(b"  Mixed Case\t\n"), b"", b"\x00\xff\x80"):
    for call in ("split(b',')", "split()", "rsplit(b',', 1)", "partition(b',')", "rpartition(b'x')", "strip()", "strip(b'ab ')", "title()", "swapcase()", "capitalize()", "upper()", "center(12, b'*')", "ljust(10)", "zfill(12)", "expandtabs(3)", "splitlines(True)", "hex()", "hex(':', 2)", "find(b'')", "find(b'', 100)", "rfind(b'e')", "count(b'')", "index(44) if 44 in data else None", "startswith((b'a', b' '))", "endswith(b'')", "replace(b'', b'-')", "replace(b',', b';', 2)", "translate(None, b',')", "isalnum()", "isascii()", "islower()", "istitle()", "removeprefix(b'ab')", "removesuffix(b'\\n')", "join([b'1', bytearray(b'2'), memoryview(b'3')])", "decode('latin-1')", "__contains__(255)"):
        try:
            result = eval(f"data.{call}")
            print(call, type(result).__name__, result, end="; ")
        except Exception as error:
            print(call, type(error).__name__, error, end="; ")
    print()
for source in ("b'a'.split('x')", "b'a'.join(['x'])", "b'a'.join(b'ab')", "b'a' + bytearray(b'b')", "bytearray(b'a') + b'b'", "b'a' + 'b'", "b'ab' * -1", "b'ab'[5]", "b'ab'['x']", "b'a' in 5", "256 in b'a'", "b'a'.find(256)", "b'a'.count('a')", "b'a'.replace(b'a', 'b')", "b'a'.center(5, b'xx')", "b'a'.center(5, 'x')", "b'a'.hex('ab')", "b'a'.hex('é')", "b'abc'.hex('-', 0)", "b'a'.translate(b'x')", "b'abc'.translate(bytes(range(256))[::-1], b'b')", "bytes.fromhex('1 2')", "bytes.fromhex('é')", "bytes.fromhex('0 ')", "bytes.fromhex(' 0a\\t0B ')", "bytes.maketrans(b'a', b'bc')", "bytes(3)", "bytes([1, 2, 256])", "bytes('é', 'ascii')", "bytes(b'x', errors='strict')", "bytes({1, 2})", "bytes(1.5)", "bytes(None)", "bytes(range(-1, 2))", "bytearray(-5)", "b'%s %d %a %c %x' % (b'x', 5, 'é', 65, 255)", "b'%s' % 'x'", "b'%c' % 256", "b'%c' % b'ab'", "b'%d' % 'x'", "b'%b' % 5", "b'%(k)s' % {b'k': b'v'}", "b'%s %s' % (b'x',)", "b'x' % 5", "b'%' % ()", "b'a' < 'a'", "b'a' == 'a'", "b'a'.decode('ascii', 'x')", "b'\\xff'.decode('ascii')", "b'\\xff'.decode('ascii', 'x')", "hash(bytearray())", "b'a'.splitlines('x')", "b'a\\rb\\r\\nc\\n'.splitlines()", "b'\\x0b\\x0c\\x1c'.splitlines()", "b'a'.startswith('a')", "b'a'.startswith((b'b', 'c'))", "b'a'.rindex(b'z')", "b'a'.find(b'a', None, -5)", "b'aaa'.count(b'aa')", "b'aAbB'.swapcase().title()"):
    try:
        print(source, eval(source))
    except Exception as error:
        print(source, type(error).__name__, error)
for change in ("x[0] = 65", "x[0] = 256", "x[0] = 'a'", "x[9] = 1", "x[1:2] = b'xyz'", "x[::2] = b'12'", "x[::2] = b'1'", "x[:] = 3", "x[:] = [1, 2]", "x[:] = ['a']", "x[1:1] = 'a'", "del x[0]", "del x[::2]", "x.append(300)", "x.append('a')", "x.extend(b'de')", "x.extend([1, 'a'])", "x.extend('a')", "x.extend(5)", "x.insert(-1, 90)", "x.pop(0)", "x.pop(9)", "x.remove(98)", "x.remove(1)", "x.remove(500)", "x.reverse()", "x += b'!'", "x += 'a'", "x *= 2", "x *= -1", "x.clear()", "x.copy().append(1)", "x.__init__(5)", "x.__init__('a')", "x[0:2] = x", "x.extend(x)", "x += x", "x[1:] = memoryview(b'q')", "x.resize(1)" if False else "x.__setitem__(0, True)"):
    x = bytearray(b"abcd")
    try:
        exec(change)
        print(change, x)
    except Exception as error:
        print(change, type(error).__name__, error, x)
