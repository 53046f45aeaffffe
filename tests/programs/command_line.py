"""What a process is started with: bytes, switches, closed streams, and what it says when it cannot write."""
import os, subprocess, sys, tempfile

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*arguments, stdin=b"", close=(), **more):
    def shut():
        for fd in close:
            os.close(fd)
    done = subprocess.run([sys.executable, *arguments], input=stdin, capture_output=True, preexec_fn=shut,
                          env={**CLEAN, **more})
    return done.returncode, done.stdout, done.stderr


# Arguments are whatever bytes they are.
argv = "import sys; print(ascii(sys.argv), ascii(sys.orig_argv[-1]))"
print(run("-c", argv, b"\xff\xc3\xa9\xed\xa0\x80"))
print(run(b"-c\xff" + b"")[0], run("-Ic" + argv, b"\x80"))
print(run("-c", b"print('\xff')"))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(os.fsencode(folder), b"odd\xe7.py")
    with open(path, "w") as file:
        file.write("import sys; f = lambda: 0\n"
                   "print(ascii(__file__)[-13:], ascii(sys.argv[0])[-13:], ascii(f.__code__.co_filename)[-13:])\n"
                   "print(ascii(__loader__.path)[-13:], type(__loader__).__name__); del sys.modules['__main__']\n")
    print(run(path))
    path = os.path.join(folder, "wrong.py")
    for source in 'foo = f"""{}\nfoo"""\n', 'if 1:\n  f"""{a!x}\n    """\n', 'x = (f"""{}\n""",\n 3)\n':
        with open(path, "w") as file:
            file.write(source)
        print(run(path)[2].replace(os.fsencode(folder), b""))

# Without a program in a file.
print(run("-c", "print(__loader__)"), run(stdin=b"print(__loader__)"))

# Switches.
flags = "import sys; print(sys.flags)"
for options in ["-OOO"], ["-BB"], ["-sss"], ["-SS"], ["-EE"], ["-qq", "-bbb"], ["-X", "int_max_str_digits=700"]:
    print(options, run(*options, "-c", flags)[1])
print(run("-c", "import sys; print(len(str(10**699))); str(10**700)", PYTHONINTMAXSTRDIGITS="700")[1])
for seed, options in ("7", []), ("0", []), ("random", []), ("0", ["-R"]):
    print(seed, options, run(*options, "-c", "import sys; print(sys.flags.hash_randomization)", PYTHONHASHSEED=seed)[1])
prefix = "import sys; print(sys.pycache_prefix)"
for options in [], ["-Xpycache_prefix"], ["-Xpycache_prefix="], ["-Xpycache_prefix=b"]:
    print(options, run(*options, "-c", prefix, PYTHONPYCACHEPREFIX="a")[1])
print(run("-Xdev", "-c", "import warnings; print(*(entry[0] + entry[2].__name__ for entry in warnings.filters))")[1])
code, output, told = run("-v", "-c", "import colorsys")
print(code, b"import 'zipimport' # <class '_frozen_importlib.FrozenImporter'>" in told, b"import 'colorsys' # <" in told)

# Streams.
for close in [0], [1], [2], [0, 1, 2]:
    print(close, run("-c", "import os, sys; os._exit(sum((getattr(sys, 'std' + n) is None) << i for i, n in "
                     "enumerate(('in', 'out', 'err'))))", close=close))
print(run("-c", "import os, sys; sys.stdout.write('x'); os.close(1)"))
print(run("-c", "import os, sys; sys.stderr.write('x'); os.close(2)"))
print(run("-c", "import sys; sys.stdout.close()"), run("-c", "import sys; sys.stdout = None"))
for encoding in "ascii", "latin1", "utf8", "latin1:replace":
    print(run("-c", "import sys; print(sys.stdout.encoding, sys.stdout.errors); "
              "sys.displayhook('a=\\xe9 b=\\udc80 c=\\U00010000 d=\\U0010ffff')", PYTHONIOENCODING=encoding))
where = "import sys; print(sys.stdin.encoding, sys.stdin.errors, sys.stdout.errors)"
for name in "LANG", "LC_CTYPE":
    environment = {"LANG": "", "LC_ALL": "", "LC_CTYPE": "", name: "no.such"}
    print(run("-c", where, **environment))

# `fork_exec` says what is wrong with its numbers.
import _posixsubprocess
for groups in [-1], [2**64], ["a"], (1,):
    try:
        subprocess.Popen(["true"], extra_groups=groups)
    except Exception as error:
        print(type(error).__name__, error)
for keep in (-1, 2), ("str", 4), (5, 4), (2**63,):
    try:
        _posixsubprocess.fork_exec([b"false"], [b"false"], True, keep, None, [b"env"], -1, -1, -1, -1, 1, 2, 3, 4,
                                   True, True, 0, None, None, None, -1, None, True)
    except Exception as error:
        print(type(error).__name__, error)
