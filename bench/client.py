"""A small load client: a few processes with plain sockets, each one request at a time, to this machine only."""

import multiprocessing
import resource
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds that one request may take
LONGEST = 120.0  # seconds that one load may take
MOST = 200_000  # requests of one process
FORK = multiprocessing.get_context("fork")  # what a process says is a closure, which cannot be pickled


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. status 0: nothing that could be read."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        """The first header of that name, or ""."""
        prefix = f"{name.lower()}:"
        lines = (line for line in self.head.split("\r\n") if line.lower().startswith(prefix))
        return next(lines, prefix).partition(":")[2].strip()

    def cookie(self, name: str) -> str:
        """`name=value` as it goes into the next request, or ""."""
        for line in self.head.split("\r\n"):
            key, _, value = line.partition(":")
            if key.lower() == "set-cookie" and value.strip().startswith(f"{name}="):
                return value.strip().partition(";")[0]
        return ""


def exchange(port: int, request: bytes) -> Answer:
    """One request on a connection of its own, read to its end: gunicorn's sync worker closes each."""
    chunks = []
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        while chunk := connection.recv(262_144):
            chunks.append(chunk)
    head, _, body = b"".join(chunks).partition(b"\r\n\r\n")
    status = int(head[9:12]) if head.startswith(b"HTTP/1.") else 0
    return Answer(status, head.decode("latin-1"), body)


@dataclass(slots=True)
class Line:
    """One client's connection to a site. times: seconds of each request."""

    port: int
    times: list[float] = field(default_factory=list)

    def say(self, request: bytes) -> Answer:
        begun = time.perf_counter()
        answer = exchange(self.port, request)
        self.times.append(time.perf_counter() - begun)
        return answer


Task = Callable[[Line], bool]  # one unit of work, in one or more requests; False: not answered as it should be


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load. good, wrong: units; times: seconds of each request; cpu: seconds the client used."""

    good: int
    wrong: int
    elapsed: float
    times: list[float]
    cpu: float

    @property
    def requests(self) -> int:
        return len(self.times)

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the requests was answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def apply_load(port: int, tasks: Sequence[Task], seconds: float) -> Load:
    """Repeat each task in a process of its own until the time is up; what was begun is finished."""
    begin = time.perf_counter() + 0.2  # the clock is the machine's: all processes begin together
    until = begin + min(seconds, LONGEST)
    running = []
    for task in tasks:
        here, there = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_repeat, args=(there, Line(port), task, begin, until), daemon=True)
        process.start()
        there.close()
        running.append((process, here))
    loads = [_result(here) for _, here in running]
    for process, _ in running:
        process.join()
    return Load(
        good=sum(load.good for load in loads),
        wrong=sum(load.wrong for load in loads),
        elapsed=max(load.elapsed for load in loads),
        times=[each for load in loads for each in load.times],
        cpu=sum(load.cpu for load in loads),
    )


def _result(connection: Connection) -> Load:
    try:
        load: Load = connection.recv()
    except EOFError:
        raise RuntimeError("a client process died; its traceback is above") from None
    return load


def _repeat(connection: Connection, line: Line, task: Task, begin: float, until: float) -> None:
    good = wrong = 0
    time.sleep(max(0.0, begin - time.perf_counter()))
    used = _cpu_used()
    while time.perf_counter() < until and len(line.times) < MOST:
        try:
            answered = task(line)
        except OSError:  # refused, reset or too late: the site's failure, not the client's
            answered = False
        good, wrong = good + answered, wrong + (not answered)
    elapsed = time.perf_counter() - begin
    connection.send(Load(good, wrong, elapsed, line.times, _cpu_used() - used))


def _cpu_used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
