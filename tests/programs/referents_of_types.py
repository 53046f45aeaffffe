"""An instance of each built-in type: size, whether it is tracked and weakly referable, kinds of its referents, and the counts of what it holds."""
import sys, gc, types, weakref, collections, functools, operator, itertools, contextvars, struct, re, zlib, io, array, datetime, decimal, _thread, threading, queue, csv, json, pickle, os, time, select, signal, hashlib, random, string, symtable, abc, ast, typing, builtins, warnings, socket, unicodedata, pyexpat, asyncio, _io, _collections, _json, _pickle, _asyncio, _string, _sre, _functools, copy, resource, mmap, enum
warnings.simplefilter("ignore")
class H:
    "held"
    def __init__(self): self.x = 1
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter(())
    def __next__(self): raise StopIteration
    def __hash__(self): return 7
    def meth(self): pass
    def write(self, s): return 0
    def read(self, *a): return b''
    def readline(self, *a): return b''
    def readable(self): return True
    def writable(self): return True
    def seekable(self): return True
    closed = False
    def close(self): pass
    def flush(self): pass
    def __getitem__(self, i): raise IndexError
    def __len__(self): return 0
    def __reversed__(self): return iter(())
    def keys(self): return []
h = H(); g = H()
def gen(a):
    b = yield a
async def coro(a): await asyncio.sleep(0)
async def agen(a):
    yield a
def fn(a, b=h, *, c=g): return lambda: (a, b)
def deco(x: h = g) -> g:
    "doc"
    return x
class Meta(type): pass
class Slots: __slots__ = ('a', 'b')
class Dicty: pass
s = Slots(); s.a = h
d = Dicty(); d.q = h
cv = contextvars.ContextVar('cv', default=h); cv2 = contextvars.ContextVar('cv2')
def ctx():
    c = contextvars.Context(); c.run(cv2.set, h); return c
def exc():
    try: raise ValueError(h)
    except ValueError as e: return e
def tb(): return exc().__traceback__
class P:
    @property
    def p(self): "doc"
    @staticmethod
    def s(): "doc"
    @classmethod
    def c(cls): "doc"
def started(x):
    try: next(x)
    except StopIteration: pass
    return x
def frame():
    loc = h
    return sys._getframe()
class Buf(io.RawIOBase): pass
def token():
    return contextvars.Context().run(cv2.set, h)
def lru():
    @functools.lru_cache(maxsize=4)
    def f(x): return x
    f(h); f(1); return f
def lru0():
    @functools.lru_cache(maxsize=None)
    def f(x): return x
    f(h); return f
def local():
    l = _thread._local(); l.x = h; return l
def sched():
    q = queue.SimpleQueue(); q.put(h); return q
def od():
    o = collections.OrderedDict(); o[h] = g; return o
def nested():
    n = collections.deque([h, g]); return n
T = typing.TypeVar('T')
def expat():
    p = pyexpat.ParserCreate(); p.StartElementHandler = h; return p
async def _fut():
    loop = asyncio.get_running_loop(); f = loop.create_future(); f.add_done_callback(h); f.foo = g; return f
def fut(): return asyncio.run(_fut())
def memo():
    p = pickle.Pickler(io.BytesIO()); p.dump([h.x, (1, 2)]); return p
def view(): return memoryview(bytearray(b'abc'))
PICKLED = pickle.dumps([1, (2, 3)])
def unp():
    u = pickle.Unpickler(io.BytesIO(PICKLED)); u.load(); return u
exprs = '''
h | gen(h) | started(gen(h)) | coro(h) | agen(h) | agen(h).asend(None) | agen(h).athrow(ValueError) | agen(h).__anext__() | fn | fn(h) | fn.__code__ | fn(h).__closure__[0] | deco | h.meth | H.__call__ | [].append | h.__init__
s | d | P.__dict__['p'] | P.__dict__['s'] | P.__dict__['c'] | property(h) | property(h, g, h) | property(h, doc='x') | staticmethod(h) | classmethod(h) | super(H, h) | Slots.a | H.__dict__['__dict__'] | H.__dict__['__weakref__'] | int.__add__ | (1).__add__ | str.join | dict.__dict__['fromkeys'] | type.__dict__['__mro__'] | type.__dict__['__doc__'] | int.real
H | Meta('MM', (), {}) | Slots | re.Match
types.ModuleType('m') | types.SimpleNamespace(a=h) | types.MappingProxyType({1: h}) | types.MethodType(h, g) | list[h] | list[int] | (int | None) | typing.Optional[int] | T
[] | [h] | [1] | () | (h,) | (1,) | ((1,),) | {} | {1: 2} | {1: h} | {h: 1} | {'a': []} | set() | {1} | {h} | frozenset({h}) | frozenset() | slice(h, g) | slice(1) | range(3) | enumerate([h]) | zip([h], [g]) | map(h, [g]) | filter(h, [g]) | reversed([h]) | reversed(h) | iter([h]) | iter((h,)) | iter({h}) | iter({h: 1}) | iter({h: 1}.items()) | iter({1: h}.values()) | reversed({h: 1}) | reversed({1: h}.items()) | {h: 1}.keys() | {h: 1}.values() | {h: 1}.items() | iter(h, 1) | iter('a') | iter('é') | iter(b'a') | iter(bytearray(b'a')) | iter(range(3)) | iter(range(2**70)) | iter(h) | aiter(agen(h)) | anext(agen(h), 1)
started(iter([h])) | started(iter((h,))) | started(iter({h: 1})) | memoryview(b'a') | view() | memoryview(array.array('i', [1])).cast('B') | bytearray(b'x') | b'x' | 'x' | 5 | 5.0 | 5j | NotImplemented
exc() | tb() | OSError(1, 'x', 'f') | SyntaxError('a', ('f', 1, 2, 't')) | StopIteration(h) | ImportError('a', name=h, path=g) | UnicodeDecodeError('a', b'', 0, 0, '') | UnicodeEncodeError('a', '', 0, 0, '') | BaseExceptionGroup('x', [Exception(h)]) | ExceptionGroup('x', [Exception(h)]) | KeyError(h) | SystemExit(h) | AttributeError('a', name='n', obj=h) | NameError('a', name='n') | zlib.error(h) | struct.error(h) | queue.Empty(h)
fn.__get__(h) | (lambda: 0).__get__
collections.deque([h]) | collections.deque() | collections.deque(maxlen=2) | nested() | iter(nested()) | reversed(nested()) | collections.defaultdict(h) | collections.defaultdict(list, {1: h}) | od() | collections.OrderedDict() | od().keys() | od().items() | collections.Counter('a') | collections.ChainMap() | collections.namedtuple('N', 'a')(h) | collections.namedtuple('N', 'a').a
weakref.ref(h) | weakref.ref(h, g) | weakref.proxy(h) | weakref.WeakMethod(h.meth) | weakref.WeakValueDictionary() | weakref.WeakSet()
functools.partial(h) | functools.partial(h, 1, a=g) | lru() | lru0() | functools.cmp_to_key(h) | functools.cmp_to_key(h)(g) | functools.singledispatch(fn) | functools.cached_property(h) | functools.partialmethod(h) | functools.reduce
operator.itemgetter(h) | operator.itemgetter(1, h) | operator.attrgetter('a') | operator.attrgetter('a.b', 'c') | operator.methodcaller('m') | operator.methodcaller('m', h, k=g)
itertools.count() | itertools.count(1.5) | itertools.count(h.x, 2**70) | itertools.cycle([h]) | started(itertools.cycle([h])) | itertools.repeat(h) | itertools.repeat(h, 3) | itertools.accumulate([h]) | itertools.accumulate([h], g, initial=h) | itertools.chain([h], [g]) | itertools.chain.from_iterable([[h]]) | itertools.compress([h], [1]) | itertools.dropwhile(h, [g]) | itertools.filterfalse(h, [g]) | itertools.groupby([h]) | itertools.groupby([h], g) | next(itertools.groupby([h]))[1] | itertools.islice([h], 1) | itertools.pairwise([h, g]) | started(itertools.pairwise([h, g])) | itertools.starmap(h, [()]) | itertools.takewhile(h, [g]) | itertools.tee([h])[0] | started(itertools.tee([h])[0]) | itertools.zip_longest([h], fillvalue=g) | itertools.product([h], [g]) | started(itertools.product([h], [g])) | itertools.permutations([h, g]) | started(itertools.permutations([h, g])) | itertools.combinations([h, g], 1) | started(itertools.combinations([h, g], 1)) | itertools.combinations_with_replacement([h], 1)
cv | cv2 | ctx() | contextvars.Context() | token() | iter(ctx()) | ctx().items() | ctx().values()
struct.Struct('ii') | struct.iter_unpack('i', b'1234') | array.array('i', [1]) | iter(array.array('i')) | random.Random()
re.compile('a(?P<n>b)') | re.compile(b'a') | re.match('a(?P<n>b)', 'ab')
zlib.compressobj() | zlib.decompressobj() | hashlib.blake2b() | __import__('_md5').md5() | __import__('_sha1').sha1() | __import__('_sha512').sha512() | __import__('_sha3').sha3_256()
io.BytesIO(b'abc') | io.BytesIO() | io.BytesIO(b'abc').getbuffer() | io.StringIO('abc') | io.StringIO() | io.BufferedReader(io.BytesIO()) | io.BufferedWriter(io.BytesIO()) | io.BufferedRandom(io.BytesIO()) | io.FileIO('/dev/null') | open('/dev/null', 'rb') | io.IncrementalNewlineDecoder(h, True) | Buf() | io.RawIOBase()
datetime.date(1, 1, 1) | datetime.time() | datetime.datetime(1, 1, 1) | datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc) | datetime.timedelta(1) | datetime.timezone(datetime.timedelta(1 / 24)) | datetime.date(1, 1, 1).isocalendar()
_thread.allocate_lock() | _thread.RLock() | local() | sched() | queue.SimpleQueue() | threading.Lock() | threading.Thread(target=h) | threading.Event()
csv.reader([h]) | csv.writer(h) | csv.Dialect if 0 else csv.get_dialect('excel') | json.JSONDecoder().scan_once | json.JSONEncoder() | _json.make_encoder(None, h, h, None, ':', ',', False, False, True)
memo().memo | unp().memo | pickle.PickleBuffer(b'abc')
os.stat('/') | os.times() | os.uname() | os.terminal_size((1, 2)) | time.gmtime(0) | resource.getrusage(0) | os.scandir('/') | next(os.scandir('/'))
select.poll() | select.epoll() | socket.socket() | expat() | symtable.symtable('a', 'f', 'exec')._table | signal.SIGINT
ast.parse('x = 1') | ast.Name('a') | ast.AST() | ast.Load()
asyncio.Lock() | abc.ABC | abc.ABC._abc_impl | _string.formatter_parser('a{b}') | _string.formatter_field_name_split('a.b')[1] | fn.__code__.co_lines() | fn.__code__.co_positions()
sys.flags | sys.version_info | sys.float_info | sys.hash_info | sys.implementation
enum.Enum | enum.IntFlag('A', 'b').b
'''
def name(k): return k.__module__ + '.' + k.__qualname__
def look(e):
    rh, rg = sys.getrefcount(h), sys.getrefcount(g)
    try: o = eval(e, globals())
    except BaseException as x: return f'{type(x).__name__}: {x}'
    dh, dg = sys.getrefcount(h) - rh, sys.getrefcount(g) - rg
    refs = gc.get_referents(o)
    if len(refs) > 40 or type(o) is types.ModuleType or (type(o) is dict and len(refs) > 20): kinds = 'many'
    else: kinds = ' '.join(('T:' + name(r)) if isinstance(r, type) else name(type(r)) for r in refs)
    try: weakref.ref(o); w = 'w'
    except TypeError: w = '-'
    size = sys.getsizeof(o)
    count = sys.getrefcount(o)
    if count > 10000: count = 'big'
    elif isinstance(o, type) or type(o) in (str, int, float, bytes, tuple, types.ModuleType): count = '?'
    # the dict of an instance
    return f'{name(type(o))} size {size} {"t" if gc.is_tracked(o) else "-"}{w} count {count} h+{dh} g+{dg}: {kinds}'
gc.disable()
for line in exprs.strip().splitlines():
    for e in map(str.strip, line.split(' | ')):
        print(e, '=>', look(e))
