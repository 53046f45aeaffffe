"""Types that CPython makes at run time: their instances hold them, and programs can change those that are not immutable."""
import sys, gc, re, struct, operator, functools, time, os, array, _csv, queue, zlib, pickle, copy, weakref, _random, ast, binascii, _thread, select, hashlib, _abc, abc, resource, signal
def t(f):
    try: r = f()
    except BaseException as e: r = (type(e).__name__, str(e))
    print(r)
# instances hold their type
for make in [lambda: re.compile('abc', re.I), lambda: re.match('a', 'a'), lambda: operator.itemgetter(1), lambda: operator.attrgetter('a'), lambda: operator.methodcaller('a'),
             lambda: functools.partial(len), lambda: functools.lru_cache(len), lambda: functools.cmp_to_key(len), lambda: time.gmtime(0), lambda: os.stat('/'), lambda: array.array('i'), lambda: iter(array.array('i')),
             lambda: _csv.reader([]), lambda: queue.SimpleQueue(), lambda: queue.Empty(), lambda: zlib.error(), lambda: zlib.compressobj(), lambda: zlib.decompressobj(), lambda: _random.Random(), lambda: ast.AST(), lambda: ast.Name('a'),
             lambda: binascii.Error(), lambda: struct.Struct('ii'), lambda: struct.iter_unpack('i', b'1234'), lambda: struct.error(), lambda: _thread.allocate_lock(), lambda: _thread.RLock(), lambda: _thread._local(), lambda: select.poll(), 
             lambda: hashlib.md5(usedforsecurity=False) if 0 else __import__('_md5').md5(), lambda: __import__('_sha512').sha512(), lambda: __import__('_blake2').blake2b(), lambda: __import__('_sha3').sha3_256(), lambda: _csv.Dialect(), lambda: next(os.scandir('/')), lambda: os.scandir('/'), lambda: os.times(), lambda: os.uname(), lambda: resource.getrusage(0), lambda: os.terminal_size((1,2)), lambda: re.compile('a').scanner('a'), lambda: re.compile('a').finditer('a') ]:
    x = make(); k = type(x)
    del x
    before = sys.getrefcount(k)
    x = make()
    a = sys.getrefcount(k) - before
    y = [make() for _ in range(100)]
    b = sys.getrefcount(k) - before
    del x, y
    gc.collect()
    print(k, a, b, sys.getrefcount(k) - before, k in gc.get_referents(make()))
# subclasses
for base, args in [(struct.Struct, ('i',)), (_random.Random, ()), (array.array, ('i', [1,2])), (queue.SimpleQueue, ()), (queue.Empty, (1,)), (functools.partial, (len,)), (_thread._local, ()), (_thread.RLock, ()), (_csv.Dialect, ()), (ast.AST, ()), (ast.Name, ('x',)), (zlib.error, ('a',))]:
    class S(base): pass
    before = sys.getrefcount(S), sys.getrefcount(base)
    x = [S(*args) for _ in range(10)]
    print(base, sys.getrefcount(S) - before[0], sys.getrefcount(base) - before[1], S in gc.get_referents(x[0]))
    del x; gc.collect(); print(sys.getrefcount(S) - before[0], sys.getrefcount(base) - before[1])
    w = weakref.ref(S); del S; gc.collect(); print(w() is None)
# mutability
t(lambda: setattr(re.Match, 'x', 1)); t(lambda: setattr(time.struct_time, 'x', 1)); t(lambda: time.gmtime(0).x); t(lambda: delattr(time.struct_time, 'x'))
t(lambda: setattr(_random.Random, '__add__', lambda a, b: 42)); t(lambda: _random.Random() + 1); t(lambda: delattr(_random.Random, '__add__')); t(lambda: _random.Random() + 1)
t(lambda: setattr(_random.Random, '__name__', 'Foo')); t(lambda: _random.Random); t(lambda: setattr(_random.Random, '__name__', 'Random'))
t(lambda: setattr(zlib.error, '__len__', lambda s: 3)); t(lambda: len(zlib.error())); t(lambda: delattr(zlib.error, '__len__'))
t(lambda: setattr(os.stat_result, '__getitem__', lambda s, i: i)); t(lambda: os.stat('/')[77]); t(lambda: delattr(os.stat_result, '__getitem__')); t(lambda: type(os.stat('/')[0]))
t(lambda: pickle.loads(pickle.dumps(os.stat('/'))) == os.stat('/')); t(lambda: copy.copy(time.gmtime(0))); t(lambda: pickle.loads(pickle.dumps(operator.itemgetter(1)))); t(lambda: pickle.dumps(re.Match)); t(lambda: pickle.loads(pickle.dumps(zlib.error)))
t(lambda: pickle.loads(pickle.dumps(functools.partial(len, 1))));
for k in [re.Match, time.struct_time, zlib.error, os.stat_result, struct.Struct, type(struct.iter_unpack('i', b'1234')), type(_csv.reader([])), _csv.Error]:
    print(k.__name__, k.__qualname__, k.__module__, repr(k), k.__mro__, k.__base__, gc.is_tracked(k), sys.getsizeof(k), k.__doc__ and len(k.__doc__), k.__text_signature__)
t(lambda: type(struct.iter_unpack('i', b'1234'))()); 
t(lambda: type(iter(array.array('i')))()); t(lambda: re.Match()); t(lambda: os.DirEntry()); t(lambda: type(os.scandir('/'))())
t(lambda: type('X', (re.Match,), {})); t(lambda: type('X', (time.struct_time,), {})); t(lambda: type('X', (type(functools.lru_cache(len)),), {}))
t(lambda: time.struct_time.__class__); t(lambda: type.__call__(time.struct_time, range(9)))
t(lambda: zlib.error('x').__weakref__); t(lambda: weakref.ref(zlib.error())()); t(lambda: weakref.ref(_csv.Error())); t(lambda: zlib.error('a', 1).args)
e = zlib.error('x'); e.foo = e; w = weakref.ref(e); del e; gc.collect(); print(w())
t(lambda: len([k for k in gc.get_objects() if k in (re.Match, time.struct_time, zlib.error, struct.Struct)]))
t(lambda: [r for r in gc.get_referrers(re.Match) if type(r) is type][:3])
class M(type): pass
t(lambda: M('Y', (_random.Random,), {})().__class__.__name__)
t(lambda: object.__new__(re.Match)); t(lambda: object.__new__(struct.Struct)); t(lambda: _random.Random.__new__(struct.Struct)); t(lambda: object.__new__(_random.Random))
t(lambda: re.Match.__subclasses__()); t(lambda: isinstance(re.match('a','a'), re.Match))
t(lambda: setattr(zlib.error(), '__class__', ValueError)); 
class A(zlib.error): pass
class B(zlib.error): pass
x = A(); x.__class__ = B; print(type(x)); t(lambda: setattr(x, '__class__', zlib.error))
print(ast.AST.__annotations__ if 0 else '', ast.AST.__flags__ & 512)
