"""Generators, coroutines, tasks, threads and the interpreter's lock, measured under Habu and under CPython in turn.

    python3.11 benches/concurrency.py --exe target/release/habu --vs /usr/bin/python3.11 [--rounds 3] [NAME ...]

For times ("s") a ratio above 1 means that --exe is that many times as fast; for rates ("/s"), that it does that many times as much; "x" is a ratio to the
same work by one thread. `turns.py` has the order of the runs.
"""
import time

import turns
from turns import measurement


def timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@measurement("s")
def generator_resume():
    def numbers():
        for number in range(2_000_000):
            yield number

    def run():
        for _ in numbers():
            pass

    return timed(run)


@measurement("s")
def generator_send():
    def echo():
        got = None
        while True:
            got = yield got

    def run():
        generator = echo()
        send = generator.send
        send(None)
        for number in range(1_000_000):
            send(number)

    return timed(run)


@measurement("s")
def yield_from_chain():
    def numbers(depth):
        if depth:
            yield from numbers(depth - 1)
        else:
            yield from range(100_000)

    return timed(lambda: [None for _ in numbers(20)])


@measurement("s")
def coroutine_switch():
    class Once:
        def __await__(self):
            yield

    async def leaf():
        await Once()

    async def branch():
        for _ in range(200_000):
            await leaf()

    def run():
        coroutine = branch()
        try:
            while True:
                coroutine.send(None)
        except StopIteration:
            pass

    return timed(run)


@measurement("s")
def async_generator():
    async def numbers():
        for number in range(300_000):
            yield number

    async def drain():
        async for _ in numbers():
            pass

    def run():
        try:
            drain().send(None)
        except StopIteration:
            pass

    return timed(run)


@measurement("s")
def task_switch():
    import asyncio

    async def turn():
        for _ in range(10_000):
            await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*(turn() for _ in range(10)))

    return timed(lambda: asyncio.run(main()))


@measurement("s")
def task_create():
    import asyncio

    async def nothing():
        pass

    async def main():
        for _ in range(300):
            await asyncio.gather(*(nothing() for _ in range(100)))

    return timed(lambda: asyncio.run(main()))


@measurement("s")
def future_wake():
    import asyncio

    async def main():
        loop = asyncio.get_running_loop()
        for _ in range(60_000):
            future = loop.create_future()
            loop.call_soon(future.set_result, None)
            await future

    return timed(lambda: asyncio.run(main()))


@measurement("s")
def context_copy():
    import contextvars

    variables = [contextvars.ContextVar(f"v{number}") for number in range(100)]
    for variable in variables:
        variable.set(1)

    def run():
        copy, variable = contextvars.copy_context, variables[0]
        for number in range(300_000):
            copy()
            variable.set(number)

    return timed(run)


def spin(count):
    while count:
        count -= 1


TURNS = 16_000_000


def shared_by(count):
    """The time of `count` threads that share the work, over that of one thread that does it all: the better of two tries."""
    import threading

    def many():
        threads = [threading.Thread(target=spin, args=(TURNS // count,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    spin(1_000_000)
    return min(timed(many) / timed(lambda: spin(TURNS)) for _ in range(2))


@measurement("x")
def two_threads():
    return shared_by(2)


@measurement("x")
def four_threads():
    return shared_by(4)


@measurement("x")
def eight_threads():
    return shared_by(8)


def beside_a_sleeper():
    """Wakes a second of a thread that sleeps half a millisecond at a time beside one that spins, and the time of that one over its time alone."""
    import threading

    stop = False
    wakes = 0

    def sleeper():
        nonlocal wakes
        while not stop:
            time.sleep(0.0005)
            wakes += 1

    spin(1_000_000)
    alone = min(timed(lambda: spin(TURNS)) for _ in range(2))
    thread = threading.Thread(target=sleeper)
    thread.start()
    beside = timed(lambda: spin(TURNS))
    rate = wakes / beside
    stop = True
    thread.join()
    return rate, beside / alone


@measurement("/s")
def wakes_beside_a_spinner():
    return beside_a_sleeper()[0]


@measurement("x")
def spinner_beside_a_sleeper():
    return beside_a_sleeper()[1]


@measurement("/s")
def echo_requests():
    import asyncio

    async def answer(reader, writer):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def ask(port, count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            writer.write(b"a line of some length to be sent back\n")
            await reader.readline()
        writer.close()
        await writer.wait_closed()

    async def main():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        began = time.perf_counter()
        await asyncio.gather(*(ask(port, 400) for _ in range(10)))
        rate = 4000 / (time.perf_counter() - began)
        server.close()
        return rate

    return asyncio.run(main())


@measurement("/s")
def echo_requests_by_threads():
    import socket
    import threading

    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _ = server.accept()
        with connection:
            while data := connection.recv(100):
                connection.sendall(data)

    def ask():
        with socket.create_connection(server.getsockname()) as connection:
            for _ in range(1000):
                connection.sendall(b"a line of some length to be sent back\n")
                connection.recv(100)

    threads = [threading.Thread(target=part) for part in (answer, ask) * 4]
    seconds = timed(lambda: ([thread.start() for thread in threads], [thread.join() for thread in threads]))
    return 4000 / seconds


if __name__ == "__main__":
    turns.main(__doc__, __file__)
