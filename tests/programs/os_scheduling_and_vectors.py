"""The scheduler, several buffers at once, copies between files, extended attributes."""
import os
import tempfile


def attempt(act):
    try:
        print(act())
    except (OSError, TypeError, ValueError, OverflowError, BufferError) as error:
        print(type(error).__name__, error if not isinstance(error, OSError) else error.errno)


cpus = os.sched_getaffinity(0)
print(type(cpus).__name__, len(cpus) == len(os.sched_getaffinity(os.getpid())), os.cpu_count() >= len(cpus), os.sched_setaffinity(0, cpus), os.sched_getaffinity(0) == cpus)
print(os.sched_yield(), os.sched_get_priority_max(os.SCHED_FIFO), os.sched_get_priority_min(os.SCHED_OTHER), os.sched_getscheduler(0), type(os.sched_rr_get_interval(0)).__name__)
for mask in ([], [-1], ["a"], [2**40], 3, [1.5]):
    attempt(lambda: os.sched_setaffinity(0, mask))
attempt(lambda: os.sched_getaffinity(2**22 + 1))
attempt(lambda: os.sched_get_priority_max(99))
with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as other:
    fd = file.fileno()
    print(os.writev(fd, [b"hello", bytearray(b" "), memoryview(b"world")]), os.pwritev(fd, [b"J"], 0))
    parts = [bytearray(3), bytearray(20)]
    print(os.preadv(fd, parts, 1), parts, os.lseek(fd, 0, os.SEEK_SET), os.readv(fd, parts), parts)
    for buffers in ([b"fixed"], 3, ["text"], [bytearray(1), None]):
        attempt(lambda: os.readv(fd, buffers))
    attempt(lambda: os.writev(fd, iter([b"a"])))
    attempt(lambda: os.writev(fd, []))
    attempt(lambda: os.copy_file_range(fd, other.fileno(), -1))
    attempt(lambda: os.copy_file_range(fd, other.fileno(), 5, 0))
    print(os.pread(other.fileno(), 20, 0))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "missing")
    for act in (lambda: os.getxattr(path, "user.a"), lambda: os.setxattr(path, b"user.a", b"x"), lambda: os.removexattr(path, "user.a"), lambda: os.listxattr(path),
                lambda: os.getxattr(path, 3), lambda: os.setxattr(path, "user.a", "x")):
        attempt(act)
    print(type(os.listxattr(folder)).__name__, type(os.listxattr()).__name__)
