"""The last collections call no gc.callbacks, and run though the collector is disabled."""
import gc, sys
class D:
    def __init__(s, n): s.n=n; s.me=s
    def __del__(s): print("del", s.n)
gc.disable()
a=D("a"); b=D("b"); a.o=b; b.o=a
del a
[D(i) for i in range(3)]
class M(type):
    def __del__(c): print("meta del", c.__name__)
class K(metaclass=M): pass
k=K()
gc.garbage.append(D("garbage"))
gc.callbacks.append(lambda p,i: print("cb", p, i["generation"]))
