"""SQLite databases as files, in WAL mode and with IMMEDIATE transactions: what the program itself runs on."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.support import template
from tests.support.surroundings import CACHE


class SqliteDatabase:
    def __init__(self, url: str, data: Path) -> None:
        self._path = Path(unquote(urlsplit(url).path[1:]))
        self._data = data

    def create(self) -> None:
        """Begins anew from the template. Page by page, under SQLite's own locks: others may have the file open."""
        with closing(sqlite3.connect(self._template())) as source, closing(sqlite3.connect(self._path)) as target:
            source.backup(target)

    def drop(self) -> None:
        """Goes with the run's directory."""

    def _template(self) -> Path:
        path = CACHE / f"sqlite-{template.fingerprint()}.sqlite3"
        with template.building(path) as draft:
            if draft is not None:
                template.migrate(f"sqlite:///{draft}", self._data)
        return path
