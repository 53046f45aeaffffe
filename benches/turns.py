"""What the benchmarks share: measurements by name, each in a process of its own, under two interpreters that take turns.

Each round runs both interpreters one after the other on the same measurement, so that a drift of the machine's speed falls on both. The best round of
each counts; the median stands beside it. A ratio above 1 means that --exe is better: it takes that many times less, or, of what is told by the second
("/s"), does that many times as much.
"""
import argparse
import collections
import json
import statistics
import subprocess
import sys

Measurement = collections.namedtuple("Measurement", "run unit ratio most")
MEASUREMENTS = {}


def measurement(unit, ratio=None, most=None):
    """Registers a function that gives one number in `unit`. Its goal is the least ratio, or the greatest value of --exe itself."""

    def register(function):
        MEASUREMENTS[function.__name__] = Measurement(function, unit, ratio, most)
        return function

    return register


def parser(description, rounds=3):
    """The options that all benchmarks have."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--exe", default="target/release/habu")
    options.add_argument("--vs", default="/usr/bin/python3.11")
    options.add_argument("--rounds", type=int, default=rounds)
    options.add_argument("names", nargs="*", metavar="NAME")
    return options


def answer(command, patience=None):
    """What a command prints, as JSON; None when it takes longer than `patience` seconds."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])}: exit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def shown(numbers, best, unit):
    return f"{best:12.2f} {statistics.median(numbers):12.2f} {unit:2}"


def compare(name, script, options):
    """Measures one name in turns, prints its line, and says whether the goal was held."""
    _, unit, least, most = MEASUREMENTS[name]
    rounds = [[answer([exe, script, "--run", name]) for exe in (options.exe, options.vs)] for _ in range(options.rounds)]
    ours, theirs = zip(*rounds)
    more = unit == "/s"
    mine, other = (max if more else min)(ours), (max if more else min)(theirs)
    above, below = (mine, other) if more else (other, mine)
    ratio = above / below if below else float("inf") if above else 1.0
    held = (least is None or ratio >= least) and (most is None or mine <= most)
    goal = "" if least is None else f"{least:g}"
    if most is not None:
        goal = f"{goal} <= {most:g} {unit}".strip()
    print(f"{name:28}{shown(ours, mine, unit)}   {shown(theirs, other, unit)}   {ratio:6.2f}  {goal}{'' if held else '  missed'}", flush=True)
    return held


def main(description, script):
    """The whole program of a file of measurements. The exit code is 1 when a goal is missed."""
    arguments = parser(description)
    arguments.add_argument("--run", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.run:
        print(json.dumps(MEASUREMENTS[options.run].run()))
        return
    unknown = [name for name in options.names if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}")
    print(f"{'':28}{'--exe: best, median':>28}   {'--vs: best, median':>28}    ratio  goal")
    held = [compare(name, script, options) for name in options.names or MEASUREMENTS]
    sys.exit(not all(held))
