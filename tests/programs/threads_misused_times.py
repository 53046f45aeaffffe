"""Times that are too long, negative or no numbers, where threads, locks, queues, signals and sockets take one."""
import _thread
import queue
import select
import signal
import socket
import time


def attempt(name, function, *args):
    try:
        print(name, args[-1:], function(*args))
    except OverflowError:
        # What it says differs between releases.
        print(name, args[-1:], "OverflowError")
    except Exception as error:
        print(name, args[-1:], type(error).__name__, error)


pair = socket.socketpair()
items = queue.SimpleQueue()
lock = _thread.allocate_lock()
lock.acquire()
poll, epoll = select.poll(), select.epoll()
for value in [1e300, -1e300, 9.3e9, float("nan"), float("inf"), 10**30, -10**30, 2**63, "x"]:
    attempt("queue", items.get, True, value)
    attempt("lock", lock.acquire, True, value)
    attempt("epoll", epoll.poll, value)
    attempt("select", select.select, [], [], [], value)
    attempt("sigtimedwait", signal.sigtimedwait, [signal.SIGUSR1], value)
    attempt("setitimer", signal.setitimer, signal.ITIMER_VIRTUAL, value)
    attempt("sleep", time.sleep, value)
    attempt("settimeout", pair[0].settimeout, value)
for value in [-1, -1.5, -1e-9]:
    attempt("queue", items.get, True, value)
    attempt("sigtimedwait", signal.sigtimedwait, [signal.SIGUSR1], value)
    attempt("sleep", time.sleep, value)
    attempt("settimeout", pair[0].settimeout, value)
epoll.close()
for end in pair:
    end.close()
