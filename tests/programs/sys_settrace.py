"""Tracing of lines, calls, returns, exceptions."""
import sys
events = []
def tracer(frame, event, arg): events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno)); return tracer
def f(n):
    x = 0
    for i in range(n):
        x += i
    try: 1 / 0
    except ZeroDivisionError: pass
    return x
sys.settrace(tracer); f(2); sys.settrace(None)
for e in events: print(e)
events.clear(); sys.setprofile(lambda fr, ev, arg: events.append((fr.f_code.co_name, ev))); f(1); len("a"); sys.setprofile(None); print(events)
