"""Calls the extension `hooks`, whose folder is the first argument, and prints what it gives."""
import pickle
import sys

sys.path.insert(0, sys.argv[1])
import hooks
from hooks import Pair


def attempt(function, *args):
    try:
        print(function.__name__, function(*args))
    except BaseException as error:
        print(function.__name__, type(error).__name__, error, sep=": ")


attempt(hooks.audit, 0)
attempt(hooks.add)
attempt(hooks.audit, 0)
attempt(hooks.audit, 1)
sys.audit("other.event", 1)
try:
    sys.audit("hooks.python", 1)
except PermissionError as error:
    print(error)

pair = hooks.pair()
print(pair, pair.hidden, len(pair), pair[1], pair.first, Pair.__mro__, Pair.__doc__, Pair.__name__, Pair.__module__)
print(Pair.n_fields, Pair.n_sequence_fields, Pair.n_unnamed_fields, Pair.__match_args__, Pair.first.__doc__)
print(pair.__reduce__(), Pair((1, 2)), Pair((1, 2, 3)).hidden, pair == (0, 10), hash(pair) == hash((0, 10)))
attempt(Pair, (1,))
attempt(Pair, (1, 2, 3, 4))
attempt(lambda: type("Sub", (Pair,), {}))
print(Pair.__flags__ & 0x4600, Pair.__basicsize__, Pair.__itemsize__, pickle.dumps(pair)[:2])

attempt(hooks.bytes)
attempt(hooks.wrong_byte)
attempt(hooks.tokens)
kept = sys.warnoptions[:]
attempt(hooks.options)
print(sys.warnoptions[len(kept):], sys._xoptions)
attempt(hooks.reset)
print(sys.warnoptions)


def function(a, b):
    return a + (
        b)


for offset in (-1, 0, 2, 4, 8):
    attempt(hooks.location, function.__code__, offset)
attempt(hooks.stack)
attempt(hooks.initialisers)
