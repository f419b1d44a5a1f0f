"""The two sites that are compared: made ready from nothing, and served alike."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST, exchange
from bench.wire import get

ROOT = Path(__file__).parent.parent
WORKERS = 2
READY_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Site:
    """A Django project. path: of its form; content: the module that fills an empty database."""

    name: str
    settings: str
    wsgi: str
    content: str
    path: str

    @property
    def database(self) -> str:
        return f"madoguchi_bench_{self.name}"

    def environment(self, database_url: str, directory: Path) -> dict[str, str]:
        """Production settings whatever the developer has set in the shell."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("MADOGUCHI_", "DJANGO_"))}
        return {
            **mine,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "DATABASE_URL": database_url,
            "MADOGUCHI_DATA": str(directory / self.name),
        }


REFERENCE = Site(
    name="reference",
    settings="bench.refsite.settings",
    wsgi="bench.refsite.wsgi:application",
    content="bench.refsite.content",
    path="/apply/",
)
OURS = Site(
    name="ours",
    settings="config.settings",
    wsgi="config.wsgi:application",
    content="bench.content",
    path="/apply/twelve/",
)
HALL = "/apply/hall/"  # of ours: the form with a reservation


@dataclass(frozen=True, slots=True)
class Served:
    """A site that answers on `port`; pid: of gunicorn, the parent of its workers."""

    site: Site
    port: int
    pid: int


def prepare(sites: Mapping[Site, str], directory: Path) -> None:
    """Make every site ready on its empty database, at the same time. sites: site -> database URL."""
    running = []
    for site, url in sites.items():
        (directory / site.name).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-W", "ignore", "-m", "bench.prepare", site.content]
        running.append((site, subprocess.Popen(command, cwd=ROOT, env=site.environment(url, directory))))
    broken = [site.name for site, process in running if process.wait() != 0]
    if broken:
        raise SystemExit(f"could not prepare: {', '.join(broken)}")


@contextmanager
def serve(site: Site, database_url: str, directory: Path) -> Iterator[Served]:
    """The site behind gunicorn's sync workers."""
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", site.wsgi, "--bind", f"{HOST}:{port}"]
    command += ["--workers", str(WORKERS), "--worker-class", "sync", "--log-level", "error"]
    environment = {**site.environment(database_url, directory), "PORT": str(port)}
    with (directory / f"{site.name}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(site, port, process, Path(log.name))
            yield Served(site, port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(site: Site, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            if exchange(port, get(port, site.path)).status in (200, 302):
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{site.name} did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
