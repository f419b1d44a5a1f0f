"""Processes that a test run starts, and that must not outlive it."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(number: int = signal.SIGTERM) -> Callable[[], None] | None:
    """For Popen's preexec_fn: the kernel sends the signal when the parent is gone, even if it was killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, number)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM, within: float = 15) -> None:
    """Asks the process to end, and kills it when it does not do so in time (seconds)."""
    with suppress(ProcessLookupError):
        process.send_signal(number)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
