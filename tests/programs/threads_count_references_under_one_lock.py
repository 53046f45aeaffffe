"""Threads that take and drop references to one object at once lose none, and one runs at a time."""
import sys
import threading

shared = object()
before = sys.getrefcount(shared)
kept = []


def work():
    for _ in range(20000):
        held = [shared, shared]
        del held
    kept.append(shared)


workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(sys.getrefcount(shared) - before, len(kept))
print(sys.getswitchinterval())
