"""The migrated, otherwise empty database that every test starts from: made once, kept until a migration changes."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.support.surroundings import CACHE, ROOT

KEPT = 4  # templates of earlier states, for a developer who changes between branches


@cache
def fingerprint() -> str:
    """Names the state, when this process began, of everything that decides what `migrate` makes."""
    digest = hashlib.sha256()
    for path in [
        *sorted(ROOT.glob("[a-z]*/migrations/*.py")),
        *sorted(ROOT.glob("[a-z]*/apps.py")),
        ROOT / "config" / "settings.py",
        ROOT / "requirements" / "base.txt",
    ]:
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def building(path: Path) -> Iterator[Path | None]:
    """A place to build `path` in, or None when it is there already. One process builds; the others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            yield None
            return
        draft = path.with_name(f"{path.name}.draft")
        _remove(draft)
        yield draft
        draft.rename(path)
        _forget_old(path.suffix)


def migrate(database_url: str, data: Path) -> None:
    """Runs in a process of its own: this one is bound to another database."""
    surroundings = {**os.environ, "DATABASE_URL": database_url, "MADOGUCHI_DATA": str(data)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"migrate failed:\n{done.stdout}{done.stderr}")


def _forget_old(suffix: str) -> None:
    kept = sorted(CACHE.glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-KEPT]:
        _remove(path)
        _remove(CACHE / f"{path.name}.lock")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
