"""What a test run works in: its own directory, its own database, and none of the developer's settings.

Set up before Django reads its settings. With pytest-xdist one controller starts several workers; they inherit the
run's directory, and each has its own database and files in it.
"""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "var" / "test-cache"
ENGINES = ("sqlite", "postgres")
PREFIX = "madoguchi-test-"

_RUN = "MADOGUCHI_TEST_RUN"
_SERVER = "MADOGUCHI_TEST_SERVER"


@dataclass(frozen=True)
class Surroundings:
    """One process of a test run.

    server: the address of the PostgreSQL server, "" with SQLite.
    """

    engine: str
    run: Path
    worker: str
    server: str
    is_owner: bool  # made the run's directory, and removes it

    @property
    def data(self) -> Path:
        """Where the program keeps its database, uploads and keys: MADOGUCHI_DATA."""
        return self.run / self.worker

    @property
    def uses_own_cluster(self) -> bool:
        return self.server == own_cluster(self.run)

    def close(self) -> None:
        if self.is_owner:
            os.environ.pop(_RUN, None)
            os.environ.pop(_SERVER, None)
            shutil.rmtree(self.run, ignore_errors=True)


def enter(engine: str) -> Surroundings:
    """Points this process, and those it starts, at the run's own directory and database."""
    inherited = os.environ.get(_RUN)
    if not inherited:
        _forget_abandoned()
    run = Path(inherited or tempfile.mkdtemp(prefix=PREFIX))
    run.chmod(0o711)  # PostgreSQL, which never runs as root, has to reach its files below
    server = os.environ.get(_SERVER) or (_server(run) if engine == "postgres" else "")
    for name in list(os.environ):
        if name.startswith("MADOGUCHI_") or name == "PORT":
            del os.environ[name]
    here = Surroundings(engine, run, os.environ.get("PYTEST_XDIST_WORKER", "main"), server, not inherited)
    here.data.mkdir(exist_ok=True)
    os.environ |= {
        _RUN: str(run),
        _SERVER: server,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(here, here.worker),
        "MADOGUCHI_DATA": str(here.data),
        "MADOGUCHI_STATIC_MANIFEST": "0",  # static files straight from the apps, nothing to collect
    }
    return here


def _forget_abandoned() -> None:
    """What runs left that were killed a day ago or earlier."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if path.stat().st_mtime < time.time() - 86_400:
            shutil.rmtree(path, ignore_errors=True)


def database_url(here: Surroundings, name: str) -> str:
    if here.engine == "sqlite":
        return f"sqlite:///{here.data / name}.sqlite3"
    return urlsplit(here.server)._replace(path=f"/{here.run.name}_{name}").geturl()


def _server(run: Path) -> str:
    """An address given by the environment; else that of the cluster which this run starts, on a socket of its own."""
    for name in ("TEST_DATABASE_URL", "DATABASE_URL"):
        if os.environ.get(name, "").startswith("postgres"):
            return os.environ[name]
    return own_cluster(run)


def own_cluster(run: Path) -> str:
    return f"postgres://postgres@/postgres?host={run / 'postgres'}"
