"""Functions of the memory system with arguments of wrong types, negative and huge ones."""
import gc, weakref, tracemalloc, sys, _weakref, _tracemalloc
VALUES = {"None":None, "'x'":"x", "-1":-1, "0":0, "3":3, "2**31":2**31, "-2**31":-2**31,"2**63":2**63, "-2**63-1":-2**63-1, "10**100":10**100, "1.5":1.5, "b''":b"", "[]":[], "()":(), "True":True, "object()":object(), "int":int, "lambda":(lambda *a: None)}
def show(name, f, *args):
    try:
        r = f(*args)
        if isinstance(r, (list, tuple)) and len(r) > 5: r = type(r).__name__
        if callable(r) or isinstance(r,(list,dict)) and name.startswith("gc.get"): r = type(r).__name__
        r = repr(r)
        if " at 0x" in r: r = r.split(" at 0x")[0]
    except BaseException as e:
        r = f"{type(e).__name__}: {e}"
        if " at 0x" in r: r = r.split(" at 0x")[0]
    if name.startswith("gc.collect") and r.isdigit(): r = "a number"
    if "(set)" not in r: print(name, r)
SKIP={"gc.freeze","gc.unfreeze"}
def all_of(prefix, module, names):
    for n in names:
        f = getattr(module, n)
        q = prefix+"."+n
        if q not in ("gc.collect","gc.get_objects","gc.set_threshold","sys.getallocatedblocks","sys.intern","gc.get_count","gc.get_stats","sys._debugmallocstats", "tracemalloc.get_traced_memory","tracemalloc.get_tracemalloc_memory","gc.get_freeze_count","sys.gettotalrefcount"): show(q+"()", f)
        for v, x in VALUES.items():
            if q=="gc.get_referrers": continue
            if q in ("sys.setrecursionlimit","gc.set_debug") and isinstance(x,int): pass
            if q=="sys.getrefcount": 
                try: f(x, x); print("no error")
                except TypeError as e: print(q,e)
                continue
            show(f"{q}({v})", f, x)
            show(f"{q}(1,{v})", f, 1, x)
        gc.enable(); gc.set_debug(0); gc.set_threshold(700,10,10); tracemalloc.stop(); sys.setrecursionlimit(1000)
all_of("gc", gc, ["enable","disable","isenabled","collect","get_count","get_stats","set_threshold","get_threshold","set_debug","get_debug","get_objects","get_referents","is_tracked","is_finalized","freeze","unfreeze","get_freeze_count"])
all_of("_weakref", _weakref, ["ref","proxy","getweakrefcount","getweakrefs","_remove_dead_weakref"])
all_of("weakref", weakref, ["WeakValueDictionary","WeakKeyDictionary","WeakSet","WeakMethod","finalize"])
all_of("tracemalloc", tracemalloc, ["start","stop","is_tracing","clear_traces","get_traceback_limit","get_traced_memory","reset_peak","get_tracemalloc_memory","get_object_traceback","take_snapshot"])
all_of("_tracemalloc", _tracemalloc, ["_get_traces","_get_object_traceback"])
all_of("sys", sys, ["getsizeof","getrefcount","getallocatedblocks","setrecursionlimit","getrecursionlimit","setswitchinterval","getswitchinterval","intern","is_finalizing","_debugmallocstats" if 0 else "getrecursionlimit"])
for args in [(0,),(-1,-1,-1),(700,10,10)]:
    show(f"gc.set_threshold{args}", gc.set_threshold, *args); print(gc.get_threshold())
gc.set_threshold(700,10,10)
for kw in [dict(generation=3),dict(generation=-1),dict(generation=None),dict(generation="a")]:
    show(f"gc.collect({kw})", lambda: gc.collect(**kw)); show(f"gc.get_objects({kw})", lambda: gc.get_objects(**kw))
for kw in [dict(default=1), dict(object=1), dict(object=1,default=2)]:
    show(f"getsizeof({kw})", lambda: sys.getsizeof(**kw)); show(f"getsizeof(1,{kw})", lambda: sys.getsizeof(1, **kw))
class S:
    def __init__(s,v): s.v=v
    def __sizeof__(s):
        if isinstance(s.v,BaseException): raise s.v
        return s.v
for v in (-1,0,2**63,10**30,1.5,"a",None,True,ValueError("x"),TypeError("t")):
    show(f"getsizeof S({v!r})", sys.getsizeof, S(v)); show(f"getsizeof S({v!r}),d", sys.getsizeof, S(v), "default")
