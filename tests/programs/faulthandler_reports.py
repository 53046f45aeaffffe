"""Reports of fatal signals, of one thread and of all; extension modules, the collector, the end of the stack."""
import os, re, signal, subprocess, sys


def report(program, *options):
    done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
    text = re.sub(r"0x[0-9a-f]+", "0x?", done.stderr)
    print(done.returncode, text.replace("_fatal_error_c_thread: ", ""))


for call in "_sigsegv()", "_sigabrt()", "_sigfpe()", "_stack_overflow()", "_fatal_error_c_thread()":
    report(f"import faulthandler\nfaulthandler.enable()\nfaulthandler.{call}")
report("import faulthandler\nfaulthandler.enable(all_threads=False)\nfaulthandler._sigsegv()")
report("""
import faulthandler, sys
def f(): faulthandler.dump_traceback(sys.stderr, all_threads=False)
f()
faulthandler.dump_traceback()
""")
report("""
import faulthandler, signal, sys
faulthandler.register(signal.SIGUSR1, all_threads=False)
signal.raise_signal(signal.SIGUSR1)
faulthandler.register(signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
""")
report("""
import faulthandler, gc
faulthandler.enable()
class Cycle:
    def __del__(self): faulthandler._sigsegv()
a = Cycle(); a.a = a
del a
gc.collect()
""")
report("""
import faulthandler, sys
sys.stdlib_module_names = frozenset(n for n in sys.stdlib_module_names if n not in ("faulthandler", "math"))
import math
faulthandler._sigsegv()
""", "-X", "faulthandler")
