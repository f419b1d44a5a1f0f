"""The program as it is served: gunicorn and the background worker, on the database of this test process."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from tests.support import processes
from tests.support.surroundings import ROOT

READY_WITHIN = 60  # seconds


class Server:
    """Started once; `forget` gives the next test processes that remember nothing, in milliseconds."""

    def __init__(self, data: Path, more: Mapping[str, str] | None = None) -> None:
        """more: of the environment."""
        self.log = data / "server.log"
        self._log = self.log.open("ab")
        self._read_from = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._surroundings = {**os.environ, "PORT": str(port), **(more or {})}
        listen = f"fd://{self._socket.fileno()}"
        # --preload: the program is imported once, and workers are forked from it
        options = ["--bind", listen, "--workers", "2", "--preload", "--timeout", "120", "--no-control-socket"]
        self._gunicorn = self._start("-m", "gunicorn", "config.wsgi:application", *options)
        self._worker = self._start("manage.py", "work", "--pause", "0.2")
        self._wait_until_ready()

    def forget(self) -> None:
        """Ends every process that answered requests. What arrives meanwhile waits for the new ones."""
        for child in psutil.Process(self._gunicorn.pid).children():
            child.kill()
            child.wait(10)
        if self._worker.poll() is not None:
            raise RuntimeError(f"The background worker has ended:\n{self.said()}")

    def stop(self) -> None:
        for process in [psutil.Process(self._gunicorn.pid), *psutil.Process(self._gunicorn.pid).children()]:
            process.kill()  # nothing here is kept, so nobody waits for the last answers
        self._gunicorn.wait()
        processes.end(self._worker)
        self._socket.close()
        self._log.close()

    def begin(self) -> None:
        """From here on `said` tells about the next test."""
        self._read_from = self.log.stat().st_size

    def said(self) -> str:
        return self.log.read_bytes()[self._read_from :].decode(errors="replace")[-5000:]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._surroundings,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=[self._socket.fileno()],
            preexec_fn=processes.end_with_parent(),
        )

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and self._gunicorn.poll() is None:
            if _answers(f"{self.url}/healthz"):
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"The server did not start within {READY_WITHIN} seconds:\n{self.said()}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def eventually(holds: Callable[[], object], within: float = 15) -> None:
    """Waits for what another process does, such as a mail that the background worker sends. `within`: seconds."""
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"still not so after {within} seconds: {holds.__name__}")
        time.sleep(0.1)
