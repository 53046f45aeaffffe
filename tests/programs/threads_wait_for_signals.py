"""A wait for signals goes on after another signal's handler has run, and ends with what a handler raises."""
import os
import signal
import threading
import time

hits = []
# Blocked in every thread: it stays pending until somebody waits for it.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])


def interrupt(number, after):
    threading.Timer(after, lambda: os.kill(os.getpid(), number)).start()


signal.signal(signal.SIGUSR2, lambda *_: hits.append("handled"))
interrupt(signal.SIGUSR2, 0.02)
began = time.monotonic()
print(signal.sigtimedwait([signal.SIGUSR1], 0.1), hits, time.monotonic() - began >= 0.09)


def fail(*_):
    raise ValueError("from the handler")


signal.signal(signal.SIGUSR2, fail)
for wait in (lambda: signal.sigtimedwait([signal.SIGUSR1], 10), lambda: signal.sigwaitinfo([signal.SIGUSR1])):
    interrupt(signal.SIGUSR2, 0.02)
    try:
        print(wait())
    except ValueError as error:
        print(error)
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigtimedwait([signal.SIGUSR1], 0).si_signo == signal.SIGUSR1)
