"""What the end of a program finalises, and in which order: exit functions, modules, what was put into builtins, the rest."""
import sys, atexit, weakref, gc, builtins
class D:
    def __init__(s, n): s.n=n
    def __del__(s): print("del", s.n, sys is None, print is None, __name__)
a=D("a"); _b=D("_b"); c=D("c"); __d__=D("__d__"); b2=D("b2"); _x1=D("_x1")
l=[D("l1"),D("l2")]; d={1:D("d1"),2:D("d2")}; t=(D("t1"),)
def f(x=D("default")): pass
class C: attr=D("clsattr")
builtins.inb=D("inbuiltins")
cyc=D("cyc"); cyc.me=cyc
sys.mine=D("insys")
sys.modules["mine"]=D("in modules")
import types
m=types.ModuleType("modm"); m.x=D("m.x"); m._y=D("m._y"); sys.modules["modm"]=m
m2=types.ModuleType("modm2"); m2.x=D("m2.x"); sys.modules["modm2"]=m2; m2.other=m
atexit.register(print,"atexit1"); atexit.register(lambda: print("atexit2"))
weakref.finalize(a, print, "finalize a"); w=weakref.ref(c, lambda r: print("cb c"))
fin=weakref.finalize(_b, print, "fin _b"); fin.atexit=False
