"""Threads that share, change and drop objects, with forks, signals and collections, while the lock changes hands at random intervals.

Run with the number of seconds and a seed. At the end, and now and then meanwhile, the auditor adds up the references to every object; nothing may
be lost, nothing may be left over, and every thread must end. What goes wrong is told on the standard error, with the seed, and the exit code is 1.
"""
import faulthandler
import gc
import os
import random
import signal
import sys
import threading
import time
import weakref

import habu.gil
import habu.memory

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
WORKERS = 6


class Node:
    """An object with room for weak references and cycles."""

    __slots__ = ("next", "data", "__weakref__")

    def __init__(self, data):
        self.next = None
        self.data = data


class Counted(Node):
    """A node whose death is counted."""

    alive = set()

    def __init__(self, data):
        super().__init__(data)
        Counted.alive.add(id(self))

    def __del__(self):
        Counted.alive.discard(id(self))


class Shared:
    """What all threads change."""

    def __init__(self):
        self.list = []
        self.dict = {}
        self.set = set()
        self.weak = weakref.WeakValueDictionary()
        self.generators = []
        self.lock = threading.Lock()
        self.condition = threading.Condition()
        self.counter = 0
        self.signals = 0
        self.stop = False
        self.errors = []


def steps(shared, rng):
    """A generator that several threads resume, one at a time."""
    total = 0
    while not shared.stop:
        got = yield total
        total += len(shared.list) + (got or 0)


def work(shared, number):
    rng = random.Random(SEED * 100 + number)
    actions = [
        lambda: shared.list.append(Counted(rng.random())),
        lambda: shared.list and shared.list.pop(rng.randrange(len(shared.list)) // 2),
        lambda: shared.dict.__setitem__(rng.randrange(200), [Node(i) for i in range(5)]),
        lambda: shared.dict.pop(rng.randrange(200), None),
        lambda: shared.set.symmetric_difference_update({rng.randrange(100), str(rng.randrange(100))}),
        lambda: list(shared.dict.copy().items()),
        lambda: sorted(shared.list[:50], key=id),
        lambda: weakly(shared, rng),
        lambda: cycle(rng),
        lambda: resume(shared, rng),
        lambda: count(shared),
        lambda: "".join(map(str, list(shared.set))),
        lambda: deep(rng.randrange(60)),
        lambda: raise_and_catch(rng),
        lambda: gc.collect(rng.randrange(3)) if rng.random() < 0.02 else None,
        lambda: time.sleep(rng.random() * 0.0005),
        lambda: wait(shared, rng),
        lambda: sys.setswitchinterval(10 ** rng.uniform(-6, -3)),
        lambda: start_another(shared, rng),
        lambda: 7 ** rng.randrange(300) % 1_000_003,
    ]
    try:
        while not shared.stop:
            for _ in range(50):
                try:
                    rng.choice(actions)()
                except (IndexError, KeyError, RuntimeError) as error:
                    # Another thread was faster: the list is shorter, the container has changed during the iteration.
                    if not isinstance(error, (IndexError, KeyError)) and "changed" not in str(error):
                        raise
            trim(shared)
    except BaseException as error:
        shared.errors.append((number, repr(error)))
        raise


def weakly(shared, rng):
    held = shared.list[-1:]
    if held:
        shared.weak[rng.randrange(100)] = held[0]
    for key in range(0, 100, 7):
        other = shared.weak.get(key)
        assert other is None or isinstance(other, Counted)
    node = Node([rng.random()])
    told = []
    reference = weakref.ref(node, told.append)
    assert reference() is node
    del node
    # No other thread has seen it.
    assert reference() is None and told == [reference], "an object outlives its last reference"


def cycle(rng):
    first = Counted(None)
    node = first
    for _ in range(rng.randrange(1, 8)):
        node.next = Counted({"back": first})
        node = node.next
    node.next = first


def resume(shared, rng):
    if len(shared.generators) < 8:
        shared.generators.append(steps(shared, rng))
    generator = rng.choice(shared.generators)
    try:
        next(generator)
        generator.send(rng.randrange(5))
    except ValueError as error:
        assert "already executing" in str(error)
    except StopIteration:
        forget(shared, generator)
    if rng.random() < 0.05:
        try:
            generator.close()
        except ValueError as error:
            assert "already executing" in str(error)
        forget(shared, generator)


def forget(shared, generator):
    try:
        shared.generators.remove(generator)
    except ValueError:
        pass  # another thread was faster


def count(shared):
    with shared.lock:
        before = shared.counter
        for _ in range(3):
            shared.counter += 1
        assert shared.counter == before + 3, "two threads held a lock"


def deep(depth):
    return deep(depth - 1) + 1 if depth > 0 else 0


def raise_and_catch(rng):
    try:
        try:
            raise ValueError(rng.random())
        except ValueError as error:
            raise LookupError(Node(error)) from error
    except LookupError as error:
        assert error.__cause__ is not None


def wait(shared, rng):
    with shared.condition:
        if rng.random() < 0.5:
            shared.condition.notify(1)
        else:
            shared.condition.wait(rng.random() * 0.001)


def start_another(shared, rng):
    if threading.active_count() < WORKERS + 5 and rng.random() < 0.2:
        box = [Counted(rng.random()) for _ in range(10)]
        threading.Thread(target=lambda: box.clear()).start()


def trim(shared):
    if len(shared.list) > 500:
        del shared.list[100:]


def fork_and_check():
    """A child made while other threads run: it has its one thread, its heap is sound, and it can start threads of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            assert threading.active_count() == 1
            thread = threading.Thread(target=lambda: [Node(i) for i in range(100)])
            thread.start()
            thread.join()
            gc.collect()
            code = 2 if habu.memory.audit()["errors"] else 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert status == 0, f"a forked child ended with {os.waitstatus_to_exitcode(status)}"


def audit():
    errors = habu.memory.audit()["errors"]
    assert not errors, errors[:5]


def main():
    faulthandler.enable()
    # A deadlock is told, not waited for.
    faulthandler.dump_traceback_later(SECONDS * 4 + 120, exit=True)
    shared = Shared()

    def handler(number, frame):
        shared.signals += 1

    signal.signal(signal.SIGUSR1, handler)
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.013)
    threads = [threading.Thread(target=work, args=(shared, number)) for number in range(WORKERS)]
    rng = random.Random(SEED)
    end = time.monotonic() + SECONDS
    for thread in threads:
        thread.start()
    forks = audits = 0
    try:
        while time.monotonic() < end and not shared.errors:
            time.sleep(rng.random() * 0.05)
            signal.pthread_kill(rng.choice(threads).ident, signal.SIGUSR1)
            if rng.random() < 0.05:
                fork_and_check()
                forks += 1
            if rng.random() < 0.1:
                audit()
                audits += 1
    finally:
        shared.stop = True
        for thread in threads:
            thread.join()
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.setswitchinterval(0.005)
    deadline = time.monotonic() + 10
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == 1, threading.enumerate()
    assert not shared.errors, shared.errors
    assert shared.counter % 3 == 0
    assert shared.signals > 0, "no signal was handled"
    assert habu.gil.stats()[0].handed_over > 0, "the lock was never handed over"
    shared.list.clear()
    shared.dict.clear()
    shared.generators.clear()
    gc.collect()
    gc.collect()
    assert not Counted.alive, f"{len(Counted.alive)} nodes were left over"
    assert not list(shared.weak), "weak references outlive their objects"
    audit()
    faulthandler.cancel_dump_traceback_later()
    print(f"counter {shared.counter}, signals {shared.signals}, forks {forks}, audits {audits + 1}")


try:
    main()
except BaseException:
    print(f"seed {SEED}", file=sys.stderr)
    raise
