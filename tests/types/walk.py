"""Every type that can be reached from the built-in modules, and what it says of its instances' layout.

Prints a line for each type: name, __basicsize__, __itemsize__, __dictoffset__, __weakrefoffset__, __flags__; then a
line for each sample object: `size of`, an expression, sys.getsizeof of its value.
"""
import builtins
import collections
import sys
import types
import warnings

MODULES = """
_abc _ast _asyncio _bisect _blake2 _codecs _collections _contextvars _csv _datetime _functools _heapq _imp _io _json _locale _md5 _opcode
_operator _pickle _posixsubprocess _queue _random _sha1 _sha256 _sha3 _sha512 _signal _socket _sre _stat _statistics _string _struct
_symtable _thread _tracemalloc _warnings _weakref array atexit binascii cmath errno faulthandler fcntl gc grp itertools marshal math posix pwd
resource select spwd syslog time unicodedata xxsubtype zlib
""".split()

HEAP_TYPE = 1 << 9
# Whether a type has a version tag depends on what ran before.
VALID_VERSION_TAG = 1 << 19


def modules():
    yield from (builtins, types, collections, sys)
    for name in MODULES:
        try:
            yield __import__(name)
        except ImportError:
            print("no module", name)


def reachable(found):
    waiting = [value for module in modules() for value in list(vars(module).values())] + [object]
    seen = set()
    while waiting:
        value = waiting.pop()
        kind = value if isinstance(value, type) else type(value)
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        # Classes in Python are not the runtime's: only types of modules written in C or Rust are compared.
        if not kind.__flags__ & HEAP_TYPE or is_native(kind):
            found.append(kind)
        waiting.append(type(kind))
        waiting.extend(kind.__mro__)
        waiting.extend(list(kind.__dict__.values()))
        waiting.extend(type.__subclasses__(kind))
    return found


def is_native(kind):
    """Whether a heap type comes from a built-in module: it has no functions in Python, and its module is one of ours."""
    if kind.__module__ not in NATIVE or "__slots__" in kind.__dict__ or "__dict__" in kind.__dict__:
        return False
    return not any(isinstance(value, types.FunctionType) for value in kind.__dict__.values())


NATIVE = {"builtins", "types", "sys", "functools", "collections", "ast", "operator", "re", "threading", "datetime", "os", "ssl", "csv", "queue"}
NATIVE.update(MODULES)

SAMPLES = """
None | True | NotImplemented | ... | object()
0 | 1 | -1 | 2**30 - 1 | 2**30 | 2**60 | 10**100 | -10**100 | 1 << 10000
1.5 | 1j
'' | 'a' | 'hello' | 'é' | 'Ω' | 'Ωx' | '\\U0001f600' | 'a' * 1000 | 'é' * 1000 | '한국어'
b'' | b'abc' | bytearray() | bytearray(b'abc') | bytearray(100)
() | (1,) | (1, 2, 3) | tuple(range(100))
[] | [1] | [1, 2] | [1, 2, 3] | [1, 2, 3, 4, 5] | list(range(10)) | [0] * 100 | [i for i in range(9)] | list('abc')
{} | {1: 2} | {'a': 1} | dict(a=1, b=2) | {i: i for i in range(5)} | {i: i for i in range(6)} | dict.fromkeys(range(100)) | {str(i): i for i in range(11)}
{'a': 1}.keys() | {'a': 1}.values() | {'a': 1}.items() | iter({}) | iter({}.items()) | reversed({})
set() | {1} | set(range(5)) | set(range(100)) | frozenset() | frozenset((1, 2)) | frozenset(range(50)) | iter(set())
range(3) | iter(range(3)) | iter(range(2**70)) | slice(1) | iter([]) | reversed([]) | iter(()) | iter('') | iter('é') | iter(b'')
enumerate([]) | zip() | map(int, []) | filter(None, []) | reversed(()) | iter(int, 0)
memoryview(b'') | memoryview(b'abc')[1:] | memoryview(bytearray(12)).cast('B', (3, 4))
(lambda: 0) | (lambda: 0).__code__ | (lambda x, y=1: x + y).__code__ | len | [].append | int.__add__ | (1).__add__ | dict.__dict__['fromkeys'] | type.__dict__['__doc__']
(lambda x: lambda: x)(1).__closure__[0] | property() | classmethod(len) | staticmethod(len) | super(int, 1)
int | type | object | type('C', (), {}) | type('S', (), {'__slots__': ('a', 'b')}) | type('E', (type,), {})
type('C', (), {})() | type('S', (), {'__slots__': ('a', 'b')})() | type('L', (list,), {})() | type('I', (int,), {})(5) | type('T', (tuple,), {})((1, 2)) | type('D', (dict,), {})() | type('Y', (str,), {})('abc') | type('W', (), {'__slots__': '__weakref__'})()
(x for x in ()) | (lambda: (yield))() | sys._getframe() | Exception() | OSError() | SyntaxError() | StopIteration() | ImportError() | UnicodeDecodeError('a', b'', 0, 0, '') | BaseExceptionGroup('x', [Exception()]) | KeyError() | MemoryError() | AttributeError() | NameError() | SystemExit()
list[int] | int | str | types.SimpleNamespace() | types.MappingProxyType({}) | types.ModuleType('m') | sys.flags | sys.version_info | sys.float_info | sys.hash_info | sys.int_info | sys.thread_info | sys.implementation
_collections.deque() | _collections.deque(range(100)) | _collections.OrderedDict() | _collections.OrderedDict(a=1) | _collections.defaultdict() | iter(_collections.deque())
_weakref.ref(int) | _weakref.proxy(int) | array.array('i') | array.array('d', range(10)) | _struct.Struct('ii') | _struct.Struct('100i') | _random.Random() | _functools.partial(int)
itertools.count() | itertools.cycle([]) | itertools.chain() | itertools.repeat(1) | itertools.product([1], [2]) | itertools.permutations([1, 2]) | itertools.combinations([1, 2], 1) | itertools.combinations_with_replacement([1], 1) | itertools.islice([], 1) | itertools.tee([])[0] | itertools.groupby([]) | itertools.accumulate([]) | itertools.zip_longest() | itertools.starmap(int, [])
_datetime.date(1, 1, 1) | _datetime.time() | _datetime.datetime(1, 1, 1) | _datetime.timedelta() | _datetime.timezone.utc
_io.BytesIO() | _io.BytesIO(b'x' * 1000) | _io.StringIO() | _thread.allocate_lock() | _thread.RLock() | _sre.compile('a', 0, [1], 0, {}, (None,)) | time.gmtime(0) | posix.stat('/') | zlib.compressobj() | _queue.SimpleQueue()
"""


def main():
    warnings.simplefilter("ignore")
    if sys.platform != "linux" or sys.maxsize != 2**63 - 1:
        sys.exit("the table is that of 64-bit Linux")
    rows = set()
    for kind in reachable([]):
        flags = kind.__flags__ & ~VALID_VERSION_TAG
        name = f"{kind.__module__}.{kind.__qualname__}".replace(" ", "-")
        rows.add((name, kind.__basicsize__, kind.__itemsize__, kind.__dictoffset__, kind.__weakrefoffset__, flags))
    for row in sorted(rows):
        print(*row)
    names = {"sys": sys, "types": types}
    for name in MODULES:
        try:
            names[name] = __import__(name)
        except ImportError:
            pass
    for line in SAMPLES.strip().splitlines():
        for expression in map(str.strip, line.split(" | ")):
            try:
                size = sys.getsizeof(eval(expression, names))
            except Exception as error:
                size = repr(error)
            print("size of", expression, "=", size)


main()
