"""Threads and locks that are used wrongly: each time the error that the reference gives."""
import _thread
import queue
import resource
import select
import socket
import sys
import threading
import time


def attempt(what, call):
    try:
        print(what, "->", call())
    except BaseException as error:
        print(what, "->", type(error).__name__, error)


# Joining.
attempt("join oneself", lambda: threading.current_thread().join())
attempt("join before start", lambda: threading.Thread(target=print).join())
started = threading.Thread(target=lambda: None)
started.start()
attempt("start twice", started.start)
started.join()
attempt("start after the end", started.start)
attempt("join after the end", started.join)
attempt("become a daemon late", lambda: setattr(threading.main_thread(), "daemon", True))


def join_from_inside():
    attempt("join oneself in a thread", threading.current_thread().join)


inner = threading.Thread(target=join_from_inside)
inner.start()
inner.join()

# Releasing what is not held.
attempt("release a free lock", lambda: _thread.allocate_lock().release())
attempt("release a free RLock", lambda: threading.RLock().release())
attempt("notify without the lock", lambda: threading.Condition().notify())
attempt("wait without the lock", lambda: threading.Condition().wait())
attempt("too many releases", lambda: threading.BoundedSemaphore(1).release())
attempt("negative semaphore", lambda: threading.Semaphore(-1))
attempt("negative release", lambda: threading.Semaphore().release(0))
held = threading.RLock()
held.acquire()


def release_anothers():
    attempt("release another thread's RLock", held.release)


other = threading.Thread(target=release_anothers)
other.start()
other.join()
held.release()

# Time-outs.
lock = _thread.allocate_lock()
for timeout in (-0.5, -2, -(2**70), 2**70, float("nan"), "soon", None):
    attempt(f"lock {timeout}", lambda: lock.acquire(True, timeout))
    attempt(f"RLock {timeout}", lambda: held.acquire(True, timeout))
    attempt(f"sleep {timeout}", lambda: time.sleep(timeout))
    attempt(f"select {timeout}", lambda: timeout is None or select.select([], [], [], timeout))
    attempt(f"poll {timeout}", lambda: timeout is None or select.poll().poll(timeout) if timeout not in (-0.5, -2) else 0)
    attempt(f"socket {timeout}", lambda: socket.socket().settimeout(timeout))
attempt("a time-out without blocking", lambda: lock.acquire(False, 1))
attempt("queue", lambda: queue.SimpleQueue().get(timeout=-1))
attempt("queue without items", lambda: queue.SimpleQueue().get(block=False))
attempt("switch interval 0", lambda: sys.setswitchinterval(0))
attempt("switch interval text", lambda: sys.setswitchinterval("x"))

# Stacks and starting.
attempt("small stack", lambda: threading.stack_size(1000))
attempt("negative stack", lambda: threading.stack_size(-1))
attempt("stack of text", lambda: threading.stack_size("x"))
attempt("no function", lambda: _thread.start_new_thread(1, ()))
attempt("no tuple", lambda: _thread.start_new_thread(print, []))
attempt("no dictionary", lambda: _thread.start_new_thread(print, (), 1))
attempt("allocate_lock of a value", lambda: _thread.allocate_lock(1))
attempt("interrupt with a wrong number", lambda: _thread.interrupt_main(99))


def until_refused():
    """Threads until the system has no room for one more stack."""
    stop = threading.Event()
    all_started = []
    old = threading.stack_size(64 << 20)
    pages = int(open("/proc/self/statm").read().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + (512 << 20), hard))
    try:
        for _ in range(1000):
            thread = threading.Thread(target=stop.wait)
            thread.start()
            all_started.append(thread)
        return "all started"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        threading.stack_size(old)
        stop.set()
        for thread in all_started:
            thread.join()


attempt("threads without end", until_refused)
print("threads left:", threading.active_count())
