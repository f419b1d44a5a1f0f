"""Who used the processors: each of ours, and everybody else."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

NOISY = 0.08  # share of the machine that others may use before rates say little


def wait_until_quiet(limit: float) -> float:
    """Wait for a calm quarter of a second, `limit` seconds at most; how long it took."""
    begun = time.perf_counter()
    while (waited := time.perf_counter() - begun) < limit:
        if psutil.cpu_percent(interval=0.25) < 100 * NOISY:
            break
    return waited


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process, its children, and those of them that have ended."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for process in family:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system + used.children_user + used.children_system
    return total


def memory_mb(pid: int) -> float:
    """Memory that a process and its children have to themselves, in MB."""
    root = psutil.Process(pid)
    return sum(process.memory_full_info().uss for process in (root, *root.children(recursive=True))) / 2**20


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice + times.irq + times.softirq)


@dataclass
class Meter:
    """CPU of a stretch of time. pids: name -> root process; used: name -> seconds."""

    pids: Mapping[str, int]
    used: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._begun = time.perf_counter()
        self._busy = _busy()
        self._before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def stop(self, client: float) -> float:
        """Fill `used`; the share of the machine that processes other than ours and the client's used."""
        busy, elapsed = _busy() - self._busy, time.perf_counter() - self._begun
        self.used = {name: max(0.0, cpu_seconds(pid) - self._before[name]) for name, pid in self.pids.items()}
        processors = psutil.cpu_count() or 1
        return max(0.0, busy - client - sum(self.used.values())) / (elapsed * processors)
