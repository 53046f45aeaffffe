"""At the end a stream in the place of stdout is flushed twice: after the file, and before the modules go."""
import sys
class D:
    def __del__(s): print("to out")
class W:
    def write(s, t): sys.__stdout__.write("W:"+t); return len(t)
    def flush(s): sys.__stdout__.write("[flush]")
sys.stdout=W()
a=D()
print("hello")
