"""What many tests begin with is made once by the program itself, and after that put back row by row.

Publishing a form or establishing a department takes Wagtail a tenth of a second; putting its 200 rows back takes a
fifth of that. Rows come back only where the tables are as they were the first time: then the program would make the
same rows again. Otherwise, it does make them. Looking what was made has its price too, so what is made once is let be.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

Row = tuple[Any, ...]
Keys = tuple[int, ...]
Table = Mapping[Any, Row]  # by the first column, which is the primary key

WRITES = re.compile(r'(?:INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) "(\w+)"')


@dataclass(frozen=True)
class Rehearsal:
    """The tables that were written to: as they were before, and as they were then; and the keys of what was made.

    counters: the last number that each of PostgreSQL's sequences had given.
    """

    before: Mapping[str, Table]
    after: Mapping[str, Table]
    counters: Mapping[str, int]
    keys: Keys


_rehearsals: dict[str, Rehearsal] = {}
_made: set[str] = set()


def forget() -> None:
    _rehearsals.clear()
    _made.clear()


def rehearsed(name: str, make: Callable[[], Keys]) -> Keys:
    """Primary keys of what `make` makes. name: of exactly that, the same in every test."""
    if name not in _made:
        _made.add(name)
        return make()
    known = _rehearsals.get(name)
    if known is None:
        return _rehearse(name, make)
    if {table: _read(table) for table in known.before} != known.before:
        return make()
    with transaction.atomic():  # in which rows may come before those that they refer to
        for table, rows in known.after.items():
            _put_back(table, known.before[table], rows)
        _count_on(known.counters)
    return known.keys


def _rehearse(name: str, make: Callable[[], Keys]) -> Keys:
    before = {table: _read(table) for table in connection.introspection.table_names()}
    written: set[str] = set()

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        written.update(WRITES.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        keys = make()
    after = {table: _read(table) for table in sorted(written)}
    _rehearsals[name] = Rehearsal({table: before[table] for table in after}, after, _counters(), keys)
    return keys


def _counters() -> dict[str, int]:
    """None on SQLite, where a row that is put back counts like any other."""
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        return dict(cursor.fetchall())


def _count_on(counters: Mapping[str, int]) -> None:
    """In a new database the counters begin anew, and would give the numbers of the rows once more."""
    behind = _counters()
    late = [(name, last) for name, last in counters.items() if behind.get(name, 0) < last]
    with connection.cursor() as cursor:
        for name, last in late:
            cursor.execute("SELECT setval(%s, %s)", [connection.ops.quote_name(name), last])


def _read(table: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return {row[0]: row for row in cursor.fetchall()}


def _put_back(table: str, before: Table, after: Table) -> None:
    new = [row for key, row in after.items() if before.get(key) != row]
    gone = [key for key, row in before.items() if after.get(key) != row]
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if gone:
            column = connection.introspection.get_primary_key_column(cursor, table)
            assert column is not None
            marks = _marks(gone)
            cursor.execute(f"DELETE FROM {quoted} WHERE {connection.ops.quote_name(column)} IN {marks}", gone)
        if new:
            values = [value for row in new for value in row]
            cursor.execute(f"INSERT INTO {quoted} VALUES {', '.join(_marks(row) for row in new)}", values)


def _marks(values: Iterable[Any]) -> str:
    return f"({', '.join('%s' for _ in values)})"
