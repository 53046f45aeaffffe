"""SIGINT ends a tight loop, a sleep, a wait for a lock, a thread, a read of a socket or pipe, and a wait in select."""
import _thread
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time

PARENT = os.getpid()


def interrupted(what, call):
    """Has the signal sent a moment after the call has begun."""
    timer = threading.Timer(0.1, os.kill, (PARENT, signal.SIGINT))
    timer.start()
    began = time.monotonic()
    try:
        call()
        result = "ended by itself"
    except KeyboardInterrupt:
        result = "interrupted"
    timer.join()
    print(what, "->", result, "in time" if time.monotonic() - began < 5 else "late")


def spin():
    while True:
        pass


def spin_in_calls():
    def nothing():
        pass

    while True:
        nothing()


def spin_in_a_generator():
    def for_ever():
        while True:
            yield

    for _ in for_ever():
        pass


lock = _thread.allocate_lock()
lock.acquire()
held = threading.RLock()
ready = threading.Event()
done = threading.Event()


def hold():
    with held:
        ready.set()
        done.wait()


holder = threading.Thread(target=hold)
holder.start()
ready.wait()
left, right = socket.socketpair()
reader, writer = os.pipe()

def wait(condition):
    with condition:
        condition.wait()


def recv_within(limit):
    left.settimeout(limit)
    left.recv(1)


def poll(poller):
    poller.register(reader)
    poller.poll()


interrupted("a loop", spin)
interrupted("calls", spin_in_calls)
interrupted("a generator", spin_in_a_generator)
interrupted("a comprehension", lambda: [0 for _ in iter(int, 1)])
interrupted("sleep", lambda: time.sleep(60))
interrupted("lock", lock.acquire)
interrupted("lock with a limit", lambda: lock.acquire(timeout=60))
interrupted("RLock", held.acquire)
interrupted("Event", threading.Event().wait)
interrupted("Condition", lambda: wait(threading.Condition()))
interrupted("queue", queue.Queue().get)
interrupted("SimpleQueue", queue.SimpleQueue().get)
interrupted("join", holder.join)
interrupted("recv", lambda: left.recv(1))
interrupted("recv with a limit", lambda: recv_within(60))
interrupted("read", lambda: os.read(reader, 1))
interrupted("a file", lambda: open(reader, "rb", closefd=False).read(1))
interrupted("select", lambda: select.select([reader], [], []))
interrupted("poll", lambda: poll(select.poll()))
interrupted("epoll", lambda: poll(select.epoll()))
interrupted("waitpid", lambda: subprocess.Popen(["sleep", "1"], start_new_session=True).wait())
interrupted("pause", signal.pause)

done.set()
holder.join()
