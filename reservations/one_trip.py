"""A statement of PostgreSQL's without Django's cursor, whose work would be a third of what a hold costs this process.

What looks on (a test that counts queries, a log of them) is not passed by: then it goes the usual way.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import DataError, OperationalError, pq
from psycopg.errors import error_from_result

UNKNOWN = b"26000"  # invalid_sql_statement_name


class Statement:
    """Gives one value. text: with %s for each parameter; every parameter is a text, or None for NULL."""

    def __init__(self, text: str) -> None:
        self._text = text
        parts = text.split("%s")
        numbered = [f"{part}${number}" for number, part in enumerate(parts[:-1], start=1)]
        self._command = "".join([*numbered, parts[-1]]).encode()
        # the same in every process: behind a pool, what another has prepared is as good
        self._name = b"madoguchi_" + sha256(self._command).hexdigest()[:16].encode()
        self._prepared: WeakSet[Any] = WeakSet()  # connections
        self._is_kept = True

    def value(self, parameters: Sequence[str | None]) -> str:
        """In a transaction of its own, unless there is one. Raises what Django's cursor raises."""
        line = connections[DEFAULT_DB_ALIAS]
        if line.in_atomic_block or line.queries_logged or line.execute_wrappers:
            with line.cursor() as cursor:
                cursor.execute(self._text, parameters)
                return str(cursor.fetchone()[0])
        line.ensure_connection()
        with line.wrap_database_errors:
            values = [None if parameter is None else parameter.encode() for parameter in parameters]
            if any(value is not None and b"\0" in value for value in values):
                raise DataError("text of PostgreSQL's cannot contain NUL")  # libpq would take the text for ended there
            return _value(line.connection.pgconn, self._run(line.connection, values))

    def _run(self, line: Any, values: Sequence[bytes | None]) -> pq.abc.PGresult:
        """Prepared, which spares the server a tenth of its work; until a pool is met that forgets what was prepared."""
        server: pq.abc.PGconn = line.pgconn
        if self._is_kept:
            if line not in self._prepared:
                server.prepare(self._name, self._command)
                self._prepared.add(line)
            result = server.exec_prepared(self._name, values)  # type: ignore[arg-type]  # None is NULL
            if result.error_field(pq.DiagnosticField.SQLSTATE) != UNKNOWN:
                return result
            self._is_kept = False
        return server.exec_params(self._command, values)


def _value(server: pq.abc.PGconn, result: pq.abc.PGresult) -> str:
    if result.status == pq.ExecStatus.TUPLES_OK:
        return str(result.get_value(0, 0) or b"", "ascii")
    if server.status == pq.ConnStatus.BAD:
        raise OperationalError("the connection is lost")
    raise error_from_result(result)
