"""What audit hooks are told of calls of the runtime's own modules."""
import array
import gc
import marshal
import os
import sys
import tempfile

log = []
listening = False


def hook(event, arguments):
    if listening:
        log.append((event, arguments))


sys.addaudithook(hook)
os.chdir(tempfile.mkdtemp())
open("a", "w").close()


def f():
    pass


def shown(value):
    return value if isinstance(value, (int, str, bytes, tuple, type(None), list)) else type(value).__name__


def told(label, action):
    global listening
    log.clear()
    listening = True
    try:
        action()
    except OSError as error:
        label += " " + type(error).__name__
    listening = False
    print(label, [(event, *map(shown, arguments)) for event, arguments in log])


told("compile", lambda: compile("1", "<f>", "eval"))
told("exec", lambda: exec("1"))
told("open", lambda: open("a", "w").close())
told("os.open", lambda: os.close(os.open("a", 0)))
told("marshal", lambda: marshal.loads(marshal.dumps(1)))
told("gc", lambda: gc.get_referents(1))
told("frame", lambda: sys._getframe())
told("code", lambda: f.__code__)
told("set defaults", lambda: setattr(f, "__defaults__", ()))
told("name", lambda: setattr(type("A", (), {}), "__name__", "B"))
told("mkdir", lambda: os.mkdir("d"))
told("rename", lambda: os.rename("d", "e"))
told("rmdir", lambda: os.rmdir("e"))
told("chmod", lambda: os.chmod("a", 0o600))
told("link", lambda: os.link("a", "b"))
told("symlink", lambda: os.symlink("a", "c"))
told("remove", lambda: os.remove("c"))
told("unlink", lambda: os.unlink("b"))
told("listdir", lambda: os.listdir("."))
told("scandir", lambda: list(os.scandir(".")))
told("truncate", lambda: os.truncate("a", 0))
told("utime", lambda: os.utime("a"))
told("putenv", lambda: os.environ.__setitem__("XX", "1"))
told("system", lambda: os.system("true"))
told("exec failing", lambda: os.execv("/nonexistent", ["x"]))
told("array", lambda: array.array("i", [1]))
listening = True
sys.addaudithook(lambda *event: None)
listening = False
print(log[-1])
