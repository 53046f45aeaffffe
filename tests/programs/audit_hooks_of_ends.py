"""What audit hooks are told of exceptions that nobody catches, of the system's log, and what they are themselves."""
import gc, os, subprocess, sys, syslog

seen = []


def hook(event, arguments):
    if event.startswith(("sys.exc", "sys.unr", "syslog")):
        seen.append((event, *(a if type(a) in (int, str, type(None)) else type(a).__name__ for a in arguments)))


sys.addaudithook(hook)
print(any(hook in o for o in gc.get_objects() if isinstance(o, list)))
syslog.openlog("name"), syslog.syslog("test"), syslog.setlogmask(syslog.LOG_DEBUG), syslog.closelog(), syslog.closelog()
syslog.openlog(logoption=syslog.LOG_NDELAY, facility=syslog.LOG_LOCAL0), syslog.closelog()
argv, sys.argv = sys.argv, None
syslog.openlog(), syslog.closelog()
sys.argv = argv


class Broken:
    def __del__(self):
        1 / 0


Broken()
sys.unraisablehook = lambda args: print("own hook", args.exc_type.__name__)
Broken()
sys.unraisablehook = sys.__unraisablehook__
print(*seen, sep="\n")

# Hooks are traced only where they ask for it.
traced = []
def trace(frame, event, argument):
    if frame.f_code in (hook.__code__, asking.__code__):
        traced.append((frame.f_code.co_name, event))
def asking(event, arguments): pass
asking.__cantrace__ = True
sys.addaudithook(asking)
sys.settrace(trace)
eval("1")
sys.settrace(None)
print(len(traced) > 1, set(traced))

# A hook that objects to showing an exception is obeyed, with RuntimeError in silence.
for kind in "RuntimeError", "ValueError":
    program = f"""
import sys
def hook(event, arguments):
    if event == "sys.excepthook": raise {kind}("no")
sys.addaudithook(hook)
sys.excepthook = lambda *a: print("shown")
1 / 0
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    print(done.returncode, done.stdout, done.stderr.splitlines()[-1:], len(done.stderr.splitlines()))
