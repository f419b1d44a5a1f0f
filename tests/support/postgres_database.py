"""Databases on a PostgreSQL server, each a copy of the migrated template (0.2 s), put back row by row (0.03 s)."""

from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from tests.support import template
from tests.support.beginning import Beginning

LOCK = 20240501  # pg_advisory_lock: any number, the same for all who build a template


class PostgresDatabase:
    def __init__(self, server: str, url: str, data: Path) -> None:
        self._server = server
        self._name = _name(url)
        self._data = data
        self._url = url
        self._beginning: Beginning | None = None

    def create(self) -> None:
        """Begins anew, whoever is still connected: what was changed is put back, or the whole made again."""
        if not self._is_put_back():
            self._copy()
            with closing(_connect(self._url)) as connection:
                self._beginning = Beginning.of(connection)

    def _is_put_back(self) -> bool:
        if self._beginning is None:
            return False
        with closing(_connect(self._url)) as connection:
            return self._beginning.put_back(connection)

    def _copy(self) -> None:
        source = ensure_template(self._server, self._data)
        with closing(_connect(self._server)) as connection:
            _drop(connection, self._name)
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(self._name), sql.Identifier(source))
            connection.execute(copy)

    def drop(self) -> None:
        with closing(_connect(self._server)) as connection:
            _drop(connection, self._name)


def ensure_template(server: str, data: Path) -> str:
    """The name of the migrated template database on that server; made when it is missing."""
    name = f"madoguchi_template_{template.fingerprint()}"
    draft = f"{name}_draft"
    with closing(_connect(server)) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        _drop(connection, draft)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
        template.migrate(urlsplit(server)._replace(path=f"/{draft}").geturl(), data)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
        )
    return name


def _connect(server: str) -> psycopg.Connection:
    return psycopg.connect(server, autocommit=True)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _name(url: str) -> str:
    return unquote(urlsplit(url).path[1:])
