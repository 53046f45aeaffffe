"""`os.posix_spawn` and `os.sched_param`: what a new process gets, and the errors of wrong arguments."""
import os
import signal
import tempfile


def attempt(function, *arguments, **named):
    try:
        result = function(*arguments, **named)
    except Exception as error:
        print(type(error).__name__, error)
    else:
        print(result)


def status(*arguments, **named):
    process = os.posix_spawn("/bin/sh", ["sh", "-c", *arguments], named.pop("env", {}), **named)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


print(status("exit 7"), status('test "$NAME" = value', env={"NAME": "value", b"OTHER": b"1"}))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "out")
    actions = [(os.POSIX_SPAWN_OPEN, 1, path, os.O_WRONLY | os.O_CREAT, 0o640), (os.POSIX_SPAWN_DUP2, 1, 2), (os.POSIX_SPAWN_CLOSE, 0)]
    print(status("echo out; echo err >&2; test -e /proc/self/fd/0", file_actions=actions))
    with open(path) as file:
        print(file.read(), oct(os.stat(path).st_mode & 0o777))
print(status("kill -USR1 $$; exit 3", setsigmask=[signal.SIGUSR1]), status("kill -USR1 $$", setsigmask=[], setsigdef=[signal.SIGUSR1]))
print(status("exit 0", setpgroup=0), status("exit 0", setsid=True), status("exit 0", resetids=True, file_actions=None))
print(status("exit 0", scheduler=(None, os.sched_param(0))), status("exit 0", scheduler=(os.SCHED_OTHER, os.sched_param(0))))
print(os.waitpid(os.posix_spawnp("true", ["true"], os.environ), 0)[1])

print(os.sched_param(3), os.sched_param(sched_priority="text"), os.sched_getparam(0), os.sched_param.__match_args__)
for arguments in [(), (1, 2)]:
    attempt(os.sched_param, *arguments)
for parameter in [3, (0,), os.sched_param("a"), os.sched_param(2**40), os.sched_param(0)]:
    attempt(os.sched_setparam, 0, parameter)
    attempt(os.sched_setscheduler, 0, os.SCHED_OTHER, parameter)


def spawn(path="/bin/true", argv=["true"], env={}, **named):
    return os.posix_spawn(path, argv, env, **named) > 0


O, C, D = os.POSIX_SPAWN_OPEN, os.POSIX_SPAWN_CLOSE, os.POSIX_SPAWN_DUP2
for actions in [3, [3], [()], [(9,)], [(C,)], [(O, 1)], [(D, 1)], [(C, "x")], [("a",)], [(O, 1, "a\0", 0, 0)], [[C, 1]]]:
    attempt(spawn, file_actions=actions)
for scheduler in [3, (1,), (1, 2), (1, 2, 3)]:
    attempt(spawn, scheduler=scheduler)
for named in [{"setsigmask": 3}, {"setsigmask": [999]}, {"setsigdef": [0]}, {"setpgroup": "a"}, {"setpgroup": -5}, {"nothing": 1}]:
    attempt(spawn, **named)
for arguments in [("/nope",), ("/bin/true", []), ("/bin/true", "x"), ("/bin/true", ["a"], 3), ("/bin/true", [""]), (3,), ("/bin/true", [3]), ("a\0",)]:
    attempt(spawn, *arguments)
