"""The table of postcodes that an operator has taken from Japan Post's files: a file of its own beside the database.

Made beside the old one and moved over it: a look-up sees the old table or the new one, never half of one. Every process
opens it for each look-up (0.1 ms), so nothing has to be started again.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`town` is empty where the postcode covers what is not listed; `note` limits the place (「1〜3丁目」「7階」) or
    is the name of the office that owns the postcode."""

    prefecture: str
    city: str
    town: str
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    place: Place


def keep_at(path: Path) -> None:
    """Where the table is kept; said once, by the site."""
    global _path
    _path = path


def is_kept() -> bool:
    return _path is not None and _path.exists()


def age_of() -> int:
    """Changes with the table; 0 without one."""
    return _path.stat().st_mtime_ns if _path is not None and _path.exists() else 0


def places(code: str) -> list[Place]:
    """In the order of the files."""
    with reading(f"{_kept().as_uri()}?mode=ro&immutable=1") as connection:
        asked = "SELECT prefecture, city, town, note FROM place WHERE code = ? ORDER BY rowid"
        return [Place(*row) for row in connection.execute(asked, (code,))]


def municipalities() -> list[tuple[str, str]]:
    """(prefecture, city), each once."""
    with reading(f"{_kept().as_uri()}?mode=ro&immutable=1") as connection:
        return connection.execute("SELECT DISTINCT prefecture, city FROM place").fetchall()


@contextmanager
def reading(address: str) -> Iterator[sqlite3.Connection]:
    """A connection of its own, which passes through no fork; read-only and immutable: no locks, no journal."""
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield connection


def replace(entries: Iterable[Entry]) -> int:
    """Put a new table in the place of the old one; how many entries it has."""
    path = _kept()
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix="postcodes-") as beside:
        made = Path(beside) / path.name
        with closing(sqlite3.connect(made)) as connection, connection:
            connection.execute("CREATE TABLE place (code TEXT, prefecture TEXT, city TEXT, town TEXT, note TEXT)")
            rows = ((e.code, e.place.prefecture, e.place.city, e.place.town, e.place.note) for e in entries)
            count = connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?)", rows).rowcount
            connection.execute("CREATE INDEX place_code ON place (code)")
        made.replace(path)
    return count


def _kept() -> Path:
    if _path is None:
        raise LookupError("The site has not said where the table of postcodes is kept.")
    return _path
