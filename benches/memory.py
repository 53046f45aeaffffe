"""The heap, the collector and tracemalloc, measured under Habu and under CPython in turn, each figure beside its goal.

    python3.11 benches/memory.py --exe target/release/habu --vs /usr/bin/python3.11 [--rounds 3] [NAME ...]

Less is better everywhere: a ratio above 1 means that --exe takes that many times less. Times are those of the processor. A goal is the least ratio, or
the greatest value of --exe itself; the exit code is 1 when one is missed. `turns.py` has the order of the runs. Linux only.
"""
import gc
import json
import os
import sys
import time

import turns
from turns import measurement


def timed(call):
    began = time.process_time()
    call()
    return time.process_time() - began


def nanoseconds(call, count, tries=3):
    """The best time of `call` in nanoseconds for each of `count` things."""
    return min(timed(call) for _ in range(tries)) * 1e9 / count


def resident():
    """Bytes of the process's own memory that are resident: those of mapped files come and go with what else runs."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) * 1024


# Allocation and freeing.


@measurement("ns")
def churn_ints():
    def run():
        for number in range(1_000_000, 3_000_000):
            number + 1

    return nanoseconds(run, 2_000_000)


@measurement("ns")
def churn_floats():
    def run():
        number = 0.5
        for _ in range(2_000_000):
            number + 1.5

    return nanoseconds(run, 2_000_000)


@measurement("ns")
def churn_tuples():
    def run():
        for number in range(2_000_000):
            (number, number)

    return nanoseconds(run, 2_000_000)


@measurement("ns")
def churn_lists():
    def run():
        for number in range(2_000_000):
            [number]

    return nanoseconds(run, 2_000_000)


@measurement("ns")
def churn_dicts():
    def run():
        for number in range(1_000_000):
            {"key": number}

    return nanoseconds(run, 1_000_000)


class Plain:
    def __init__(self, first, second):
        self.first = first
        self.second = second


class Slotted:
    __slots__ = ("first", "second")

    def __init__(self, first, second):
        self.first = first
        self.second = second


@measurement("ns")
def churn_instances():
    def run():
        for number in range(1_000_000):
            Plain(number, number)

    return nanoseconds(run, 1_000_000)


@measurement("ns")
def churn_slotted():
    def run():
        for number in range(1_000_000):
            Slotted(number, number)

    return nanoseconds(run, 1_000_000)


@measurement("ns")
def build_and_drop():
    """A million strings that live at once, in the order in which they were made."""
    return nanoseconds(lambda: [str(number) for number in range(1_000_000)], 1_000_000)


# The collector.


def full_collection(live):
    """Nanoseconds of a full collection for each of the million objects in `live`, those that start-up made included."""
    gc.disable()
    gc.collect()
    return nanoseconds(gc.collect, len(live), tries=5)


@measurement("ns", ratio=2)
def collect_live_lists():
    gc.disable()
    return full_collection([[number] for number in range(1_000_000)])


@measurement("ns")
def collect_live_empty_lists():
    gc.disable()
    return full_collection([[] for _ in range(1_000_000)])


@measurement("ns")
def collect_live_instances():
    gc.disable()
    return full_collection([Plain(number, None) for number in range(1_000_000)])


@measurement("ns")
def collect_live_dicts():
    gc.disable()
    return full_collection([{"key": []} for _ in range(500_000)] * 2)


@measurement("ns")
def collect_live_tree():
    """Lists in an order that has nothing to do with their addresses."""
    import random

    gc.disable()
    nodes = [[] for _ in range(1_000_000)]
    random.Random(1).shuffle(nodes)
    for number in range(1, len(nodes)):
        nodes[number // 4].append(nodes[number])
    return full_collection(nodes)


def dead_cycles(make):
    gc.disable()
    best = None
    for _ in range(3):
        for _ in range(1_000_000):
            make()
        seconds = timed(gc.collect)
        best = seconds if best is None else min(best, seconds)
    return best * 1e3


@measurement("ns", ratio=2)
def collect_dead_cycles():
    def make():
        cycle = []
        cycle.append(cycle)

    return dead_cycles(make)


@measurement("ns")
def collect_dead_pairs():
    """A pair of lists that hold each other is one cycle."""

    def make():
        one = []
        one.append([one])

    return dead_cycles(make)


@measurement("ns")
def collect_dead_instances():
    def make():
        one = Plain(None, None)
        one.first = one

    return dead_cycles(make)


@measurement("ms", ratio=2.8)
def longest_pause():
    """The longest collection while five million lists are made."""
    pauses = []
    began = 0

    def note(phase, info):
        nonlocal began
        if phase == "start":
            began = time.process_time()
        else:
            pauses.append(time.process_time() - began)

    gc.callbacks.append(note)
    lists = []
    append = lists.append
    for number in range(5_000_000):
        append([number])
    gc.callbacks.remove(note)
    return max(pauses) * 1e3


@measurement("ms")
def young_collections():
    """The time of a program that keeps a million lists of the collections that it starts on its own."""
    gc.disable()
    alone = timed(lambda: [[number] for number in range(1_000_000)])
    gc.enable()
    return (timed(lambda: [[number] for number in range(1_000_000)]) - alone) * 1e3


# What objects take.


def bytes_each(make, count=1_000_000):
    """Growth of resident memory by `count` objects, for each of them; the list that holds them stands before."""
    gc.disable()
    kept = [None] * count
    for number in range(1000):
        make(number)
    before = resident()
    for number in range(count):
        kept[number] = make(number)
    return (resident() - before) / count


# Never more than CPython's; some pages may be touched earlier or later.
SAME = 0.999


@measurement("B", ratio=SAME)
def bytes_of_int():
    return bytes_each(lambda number: number + 1_000_000)


@measurement("B", ratio=SAME)
def bytes_of_float():
    return bytes_each(float)


@measurement("B", ratio=SAME)
def bytes_of_str():
    return bytes_each(lambda number: f"{number + 1_000_000}")


@measurement("B", ratio=SAME)
def bytes_of_tuple():
    return bytes_each(lambda number: (number & 1, None))


@measurement("B", ratio=SAME)
def bytes_of_list():
    return bytes_each(lambda number: [number & 1])


@measurement("B", ratio=SAME)
def bytes_of_dict():
    return bytes_each(lambda number: {"key": None}, 300_000)


@measurement("B", ratio=SAME)
def bytes_of_slotted():
    return bytes_each(lambda number: Slotted(None, None))


@measurement("B", ratio=SAME)
def bytes_of_instance():
    return bytes_each(lambda number: Plain(None, None))


@measurement("B", ratio=1)
def getsizeof():
    """The sum of `sys.getsizeof` of one each of the above."""
    plain = Plain(None, None)
    return sum(map(sys.getsizeof, (1_000_000, 1.5, "1000000", (None, None), [None], {"key": None}, Slotted(None, None), plain, plain.__dict__)))


# What comes back.


def burst():
    """500 MB of small objects of several sizes, in a list each."""
    kept = []
    held = 0
    while held < 500_000_000:
        for size in range(16, 240, 16):
            kept.append(bytes(size))
            held += size + 33
    return kept


@measurement("x", most=1.10)
def resident_after_burst():
    """Resident memory after 500 MB of small objects were freed, over that before they were made."""
    gc.collect()
    before = resident()
    kept = burst()
    del kept
    gc.collect()
    return resident() / before


@measurement("MB", ratio=SAME)
def resident_after_nine_tenths():
    """Resident memory after a random 90 % of 500 MB of small objects was freed."""
    import random

    kept = burst()
    random.Random(1).shuffle(kept)
    del kept[len(kept) // 10:]
    gc.collect()
    return resident() / 1e6


# tracemalloc.


def records():
    return [{"name": f"name {number}", "tags": ["a", "b", str(number)], "at": [number, number / 2], "ok": None} for number in range(400)]


def work_deepcopy():
    import copy

    data = records()
    return lambda: copy.deepcopy(data)


def work_json():
    text = json.dumps(records())
    return lambda: [json.loads(text) for _ in range(20)]


def work_pickle():
    import pickle

    text = pickle.dumps(records())
    return lambda: [pickle.loads(text) for _ in range(30)]


class Constraint:
    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.satisfied = False

    def execute(self):
        self.target.value = self.source.value + 1
        self.satisfied = True


class Variable:
    def __init__(self, value):
        self.value = value
        self.constraints = []


def work_objects():
    """Chains of variables and constraints, made, planned and executed."""

    def run():
        for _ in range(20):
            variables = [Variable(1000 * number) for number in range(500)]
            plan = []
            for one, other in zip(variables, variables[1:]):
                constraint = Constraint(one, other)
                one.constraints.append(constraint)
                other.constraints.append(constraint)
                plan.append(constraint)
            for _ in range(5):
                for constraint in [each for each in plan if each in each.source.constraints]:
                    constraint.execute()

    return run


def tracing_costs(make):
    """How much longer the work takes with one frame traced, in percent."""
    import tracemalloc

    run = make()
    run()
    off = min(timed(run) for _ in range(7))
    tracemalloc.start(1)
    run()
    on = min(timed(run) for _ in range(7))
    return (on / off - 1) * 100


@measurement("%", ratio=2)
def tracing_deepcopy():
    return tracing_costs(work_deepcopy)


@measurement("%", ratio=2)
def tracing_json_loads():
    return tracing_costs(work_json)


@measurement("%", ratio=2)
def tracing_objects():
    return tracing_costs(work_objects)


@measurement("%", ratio=2)
def tracing_unpickle():
    return tracing_costs(work_pickle)


# What a fork shares.


def private_pages(addresses):
    """How many of the pages at these addresses belong to this process alone: those that it wrote to since it was forked."""
    pages = {address // 4096 for address in addresses}
    first = min(pages)
    with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
        entries = os.pread(pagemap.fileno(), (max(pages) - first + 1) * 8, first * 8)
    view = memoryview(entries).cast("Q")
    return sum(view[page - first] >> 56 & 1 for page in pages)


@measurement("p", most=0)
def pages_written_after_freeze():
    """Pages with the heads of 300,000 frozen lists that a child writes to when it reads them and collects three times."""
    frozen = [[number] for number in range(300_000)]
    heads = [id(one) - 16 for one in frozen[50_000:250_000]]
    gc.collect()
    gc.freeze()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        began = private_pages(heads)
        young = [[number] for number in range(50_000)]
        for _ in range(3):
            gc.collect()
        written = private_pages(heads) - began
        os.write(writer, str(written).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(reader, 100))


if __name__ == "__main__":
    turns.main(__doc__, __file__)
