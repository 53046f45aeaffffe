"""What the fuzzers share: a batch is a process of its own, under limits, and says itself where it ended.

A batch is well only if it came to its end: no signal, no exit code, no panic that something caught, no timeout. That holds for the
reference too, because what a dead reference did not answer was not compared.
"""
import os
import resource
import subprocess

ADDRESS_SPACE = 3 << 30


def _limit():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def run(exe, arguments, seconds):
    """The lines that `exe` printed for a batch, and what went wrong ("" if nothing did)."""
    env = dict(os.environ, PYTHONHASHSEED="0", PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1")
    try:
        done = subprocess.run([exe, "-B", *arguments], capture_output=True, env=env, timeout=seconds, preexec_fn=_limit)
    except subprocess.TimeoutExpired as error:
        return _lines(error.stdout or b""), f"no answer in {seconds} s"
    note = ""
    if done.returncode or b"panicked" in done.stderr:
        note = f"exit {done.returncode}: {done.stderr[-400:].decode(errors='replace')}"
    return _lines(done.stdout), note


def _lines(data):
    """Lines as the batch printed them: results may hold what `splitlines` takes for the end of one."""
    return data.decode(errors="replace").split("\n")[:-1]
