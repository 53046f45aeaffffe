"""Loads each module of the extension `faulty`, whose folder is the first argument, and files that are no extensions, and prints what comes of it."""
import importlib.machinery
import importlib.util
import os
import sys
import tempfile

FILE = os.path.join(sys.argv[1], "faulty.cpython-311-x86_64-linux-gnu.so")


def load(name, path=FILE):
    try:
        loader = importlib.machinery.ExtensionFileLoader(name, path)
        spec = importlib.util.spec_from_file_location(name, path, loader=loader)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except BaseException as error:
        text = str(error).replace(path, "PATH").splitlines()[0]
        print(name, type(error).__name__, text, getattr(error, "name", None), bool(getattr(error, "path", None)), repr(error.__cause__))
    else:
        print(name, type(module).__name__, getattr(module, "__name__", None), hasattr(module, "__file__"))
        return module


for name in ("fails mute raisesboth notmodule keeps keeps badslot execsilent execboth execfails untraversed createsilent createother createtwice createexec "
             "negsize absent").split():
    load(name)
first, second = load("faulty"), load("faulty")
print(first is second)
for function in (first.silent, first.both):
    try:
        print(function())
    except SystemError as error:
        print(error, repr(error.__cause__))

with open(FILE, "rb") as file:
    data = file.read()
with tempfile.TemporaryDirectory() as folder:
    for name, content in [("empty", b""), ("text", b"hello"), ("narrow", data[:4] + b"\1" + data[5:]), ("foreign", data[:18] + b"\xb7\0" + data[20:])]:
        path = os.path.join(folder, name + ".so")
        with open(path, "wb") as file:
            file.write(content)
        load(name, path)
    load("gone", os.path.join(folder, "gone.so"))
    load("folder", folder)
