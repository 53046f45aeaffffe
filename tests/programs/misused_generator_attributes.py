"""Attributes of generators, coroutines and asynchronous generators that are read from the layout; states of locks that are none; sleeps beyond the clock."""
import sys
import threading
import time
import types


def tried(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)


def numbers():
    yield 1


async def nothing():
    pass


async def items():
    yield 1


made = [(numbers(), "gi_code"), (nothing(), "cr_code"), (nothing(), "cr_origin"), (items(), "ag_code"), (items(), "ag_running")]
for thing, name in made:
    print(name, type(getattr(type(thing), name)).__name__, type(getattr(thing, name)).__name__)
    tried(lambda: setattr(thing, name, 1))
    tried(lambda: delattr(thing, name))
    if hasattr(thing, "cr_code"):
        thing.close()

told = []
sys.addaudithook(lambda event, arguments: told.append((event, arguments[1])) if event == "object.__getattr__" else None)
for thing, name in made:
    getattr(thing, name)
print(told)

lock = threading.RLock()
for state in (1,), (1, 2, 3):
    tried(lambda: lock._acquire_restore(state))
tried(lambda: threading.excepthook(1))
tried(lambda: time.sleep(9_223_372_036))
