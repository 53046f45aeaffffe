"""Callbacks, finalizers and weak references that raise, collect, resurrect and change what is being collected."""
import gc, sys, weakref
gc.collect()
gc.disable()
hook=[]
sys.unraisablehook=lambda a: hook.append((type(a.exc_value).__name__, str(a.exc_value)))
class Node:
    def __init__(s): s.me=s
# callback raises
def cb1(phase, info): raise ValueError(phase)
gc.callbacks.append(cb1); Node(); print(gc.collect(), hook); hook.clear(); gc.callbacks.clear()
# callback collects
depth=[0]
def cb2(phase, info):
    depth[0]+=1
    print("in", phase, gc.collect(), info["generation"])
gc.callbacks.append(cb2); Node(); print(gc.collect()); gc.callbacks.clear(); print(depth)
# callback changes callbacks
def cb3(phase, info):
    gc.callbacks.clear(); print("cleared", phase)
gc.callbacks.extend([cb3, cb1]); Node(); print(gc.collect(), hook, gc.callbacks); hook.clear(); gc.callbacks.clear()
def cb4(phase, info):
    if len(gc.callbacks)<20: gc.callbacks.append(cb4)
gc.callbacks.append(cb4); Node(); print(gc.collect(), len(gc.callbacks)); gc.callbacks.clear()
for bad in (1, None, "x", [], len):
    gc.callbacks.append(bad)
Node(); print(gc.collect(), hook); hook.clear(); gc.callbacks.clear()
# del that resurrects
kept=[]
class R:
    def __init__(s): s.me=s
    def __del__(s): kept.append(s)
R(); print(gc.collect(), len(kept)); kept.clear(); print(gc.collect(), len(kept))
# del that collects
class C:
    def __init__(s): s.me=s
    def __del__(s): print("del", gc.collect())
C(); C(); print(gc.collect())
# del raising
class E:
    def __init__(s): s.me=s
    def __del__(s): raise KeyError("e")
E(); print(gc.collect(), hook); hook.clear()
# del mutating the garbage
group=[]
class M:
    def __init__(s, others): s.others=others; others.append(s)
    def __del__(s):
        s.others.clear(); s.others.extend(M.new() for _ in range(3)) if len(s.others)<3 else None
    @staticmethod
    def new(): return object()
l=[]
for _ in range(5): M(l)
del l
print(gc.collect(), gc.collect())
# weakref callback mutating, resurrecting referents of garbage
class W:
    pass
log=[]
def wcb(r): log.append(r() is None); gc.collect(); kept.append([])
a=W(); a.me=a; r=weakref.ref(a, wcb); del a; print(gc.collect(), log)
def wcb2(r): raise RuntimeError("cb")
a=W(); a.me=a; r=weakref.ref(a, wcb2); del a; print(gc.collect(), hook); hook.clear()
# __del__ that never returns to zero
class Z:
    n=0
    def __del__(s):
        Z.n+=1
        global z; z=s
z=Z(); del z; print(Z.n); del z; print(Z.n)
class Z2:
    n=0
    def __del__(s):
        Z2.n+=1
        if Z2.n<1000: Z2()
Z2(); print(Z2.n)
# gc.garbage weird
gc.garbage=None if False else gc.garbage
gc.set_debug(gc.DEBUG_SAVEALL); Node(); print(gc.collect(), len(gc.garbage)>0); gc.set_debug(0); gc.garbage.clear()
# finalizer adding to tracked list during get_objects
class G:
    def __del__(s): gc.get_objects(); gc.get_referrers(s)
g=G(); g.me=g; del g; print(gc.collect())
# deletes gc.callbacks
saved=gc.callbacks
del gc.callbacks
print(gc.collect()>=0)
gc.callbacks=5
print(gc.collect()>=0); gc.callbacks=saved
g=gc.garbage
del gc.garbage
gc.set_debug(gc.DEBUG_SAVEALL); Node(); print(gc.collect(), len(g)); gc.set_debug(0); g.clear(); gc.garbage=g
# dict/tuple subclasses in cycles with evil traversal helpers
class D(dict):
    def __del__(s): s.clear(); s["x"]=s
d=D(); d["me"]=d; del d; print(gc.collect(), gc.collect())
# type cycle dying
def mk():
    class T: pass
    T.t=T()
    T.t.cls=T
    return weakref.ref(T)
print(mk()()is not None, gc.collect()>0)
gc.set_threshold(1); gc.enable()
xs=[[i] for i in range(1000)]
gc.set_threshold(700)
class GC2:
    def __init__(s): s.me=s
    def __del__(s):
        gc.set_threshold(1); gc.enable(); [[] for _ in range(100)]; gc.set_threshold(700)
GC2(); print(gc.collect())
gc.set_debug(gc.DEBUG_STATS|gc.DEBUG_LEAK); gc.set_debug(0)
import threading
def worker():
    for _ in range(50): gc.collect()
ts=[threading.Thread(target=worker) for _ in range(4)]
[t.start() for t in ts]
for _ in range(2000): n=Node()
[t.join() for t in ts]
print("end")
