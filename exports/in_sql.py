"""A CSV whose lines PostgreSQL makes: it reads the answers itself, and Python sees each line as bytes (ADR 0030).

What the database cannot say for certain goes the way of rows.py: sealed answers, calculations of a template, types of
items that are not in this table. Both ways give the same bytes (tests/exports/test_both_ways.py).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Application, Attachment
from applications.sheets.cells import csv_cells
from exports.columns import Item, Layout, items_of
from exports.rows import CHANNELS, STATUSES, TAKEN
from exports.shapes import Column, Shape, Source, Style, places_in
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.group import GroupType
from formbuilder.models import FormVersion

AS_THEY_ARE = frozenset(
    {"text", "textarea", "email", "phone", "number", "computed", "date"}
    | {"quantity", "rating", "time", "url", "kana", "corporate_number"}
)
LISTS = {"choices": "、", "file": "\n", "photo": "\n", "signature": "\n"}
KEY = re.compile("[A-Za-z0-9_-]{1,63}")  # what can be the name of a column
# Numbers of the characters that csv_cell has to look at are all in here; a list of them takes PostgreSQL twice as long
SUSPECTS = ((0, 0x2F), (0x3D, 0x40), (0x7F, 0x3000), (0xFF00, 0xFF20))
COPY = """COPY (
SELECT (CASE WHEN {suspects} THEN 1 ELSE 0 END), {names} FROM (
SELECT s.received_at AS m, s.pk AS i, {cells} FROM ({rows}) AS s ({taken})
CROSS JOIN LATERAL jsonb_to_record(s.answers) AS a ({answers}) ORDER BY s.received_at, s.pk OFFSET 0) AS r ORDER BY m, i
) TO STDOUT (FORMAT csv)"""


class Sql(NamedTuple):
    text: str
    params: tuple[Any, ...] = ()


NOTHING = Sql("NULL::text")


class NotHere(Exception):
    """Not everything that is wanted is known to the database."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An item of one version. json: whether its answer is more than a text."""

    definition: FieldDef
    json: bool

    @property
    def key(self) -> str:
        return self.definition.key.partition(".")[0]


def lines_of(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion], shape: Shape | None
) -> Iterator[bytes] | None:
    """The lines as csv_pieces would write them, without their ends; None where they have to be made by rows.py."""
    query = _query_of(applications, layout, versions, shape)
    return None if query is None else map(_safe, _copied(query))


def cells_of(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion], shape: Shape | None
) -> Iterator[list[str]] | None:
    """The rows as rows.py would make them; None where it has to."""
    query = _query_of(applications, layout, versions, shape)
    return None if query is None else (row[1:] for row in csv.reader(bytes(line).decode() for line in _copied(query)))


def _query_of(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion], shape: Shape | None
) -> Sql | None:
    if connection.vendor != "postgresql":
        return None
    try:
        return _query(applications, _Cells(layout, versions), shape, str(versions[0].form_id))
    except NotHere:
        return None


def _copied(query: Sql) -> Iterator[Any]:
    with connection.cursor() as cursor, cursor.copy(query.text, query.params) as lines:
        yield from lines


CLEAN, END = ord("0"), "\r\n"


def _safe(line: Any) -> bytes:
    return bytes(line[2:-1]) if line[0] == CLEAN else _guarded(bytes(line))


def _guarded(line: bytes) -> bytes:
    """The line, with an apostrophe where a spreadsheet program would calculate."""
    cells = next(csv.reader(StringIO(line.decode(), newline="")))[1:]
    text = StringIO()
    csv.writer(text, lineterminator=END).writerow(csv_cells(cells))
    return text.getvalue().removesuffix(END).encode()


def _query(applications: QuerySet[Application], made: "_Cells", shape: Shape | None, form: str) -> Sql:
    cells = made.all() if shape is None else [made.shaped(column, form) for column in shape.columns]
    if len(cells) < 2:
        raise NotHere  # a line that may be empty is written in two ways
    rows, values = applications.order_by("received_at", "pk").values_list(*TAKEN).query.sql_with_params()
    names = [f"c{number}" for number in range(len(cells))]
    text = COPY.format(
        suspects=" OR ".join(f"ascii({name}) BETWEEN {first} AND {last}" for name in names for first, last in SUSPECTS),
        names=", ".join(names),
        cells=", ".join(f"nullif({cell.text}, '') AS {name}" for cell, name in zip(cells, names, strict=True)),
        rows=rows,
        taken=", ".join(TAKEN),
        answers=made.columns(),
    )
    return Sql(text, (*_params(cells), *values))


def _params(parts: Sequence[Sql]) -> tuple[Any, ...]:
    return tuple(value for part in parts for value in part.params)


class _Cells:
    """The columns of a layout in SQL, through all the versions of its form."""

    def __init__(self, layout: Layout, versions: Sequence[FormVersion]) -> None:
        self.layout, self.versions = layout, versions
        self.mine: dict[int, dict[tuple[str, str], _Found]] = {}
        for version in versions:
            found = [_Found(item, item.type not in AS_THEY_ARE or "." in item.key) for item in items_of(version.engine)]
            self.mine[version.pk] = {(each.definition.key, each.definition.type): each for each in found}
        everything = [each for mine in self.mine.values() for each in mine.values()]
        self.json = {each.key for each in everything if each.json}
        self.keys = sorted({each.key for each in everything})
        if not self.keys or not all(map(KEY.fullmatch, self.keys)):
            raise NotHere
        self.sealed = {each.key for each in everything if each.definition.holds_sensitive}

    def columns(self) -> str:
        """What is read of the answers."""
        return ", ".join(f'"{key}" {"jsonb" if key in self.json else "text"}' for key in self.keys)

    def all(self) -> list[Sql]:
        return [*self.fixed(), *(cell for item in self.layout.items for cell in self.of(item))]

    def fixed(self) -> list[Sql]:
        zone = timezone.get_current_timezone_name()
        labels = [(version.pk, Sql("%s::text", (str(version),))) for version in self.versions]
        return [
            Sql("s.reference"),
            Sql("to_char(s.received_at AT TIME ZONE %s, 'YYYY-MM-DD HH24:MI:SS')", (zone,)),
            _named("s.status", STATUSES),
            _named("s.channel", CHANNELS),
            _by_version(labels),
        ]

    def of(self, item: Item) -> list[Sql]:
        """One for each heading of the item."""
        ways = [(pk, self._in(mine.get(item.identity), len(item.headings))) for pk, mine in self.mine.items()]
        return [_by_version([(pk, cells[number]) for pk, cells in ways]) for number in range(len(item.headings))]

    def _in(self, found: _Found | None, count: int) -> list[Sql]:
        if found is None:
            return [NOTHING] * count
        if found.key in self.sealed:
            raise NotHere
        cells = _cells(found.definition, self._json(found), self._text(found))
        return cells + [NOTHING] * (count - len(cells))

    def _json(self, found: _Found) -> str:
        _, *path = found.definition.key.split(".")
        if not all(map(KEY.fullmatch, path)):
            raise NotHere
        return f"""(a."{found.key}"{f" #> '{{{','.join(path)}}}'" if path else ""})"""

    def _text(self, found: _Found) -> str:
        return f"({self._json(found)} #>> '{{}}')" if found.key in self.json else f'a."{found.key}"'

    def shaped(self, column: Column, form: str) -> Sql:
        if column.source == Source.FORMULA:
            raise NotHere
        if column.source == Source.TEXT:
            return self._joined(column, form)
        cell, type_ = self._at(column, column.text, form)
        if column.style == Style.PLAIN or cell is NOTHING:
            return cell
        if column.style in (Style.SLASHED, Style.DIGITS) and type_ == "date":
            mark = "/" if column.style == Style.SLASHED else ""
            return Sql(f"replace(left({cell.text}, 10), '-', '{mark}')", cell.params)
        raise NotHere

    def _joined(self, column: Column, form: str) -> Sql:
        first, *others = column.text.split("{")
        parts = [Sql("%s::text", (first,))]
        for part in others:
            name, _, after = part.partition("}")
            parts += [self._at(column, name, form)[0], Sql("%s::text", (after,))]
        return Sql(f"concat({', '.join(part.text for part in parts)})", _params(parts))

    def _at(self, column: Column, name: str, form: str) -> tuple[Sql, str]:
        """(cell, type of its item) of a name in a column."""
        place = column.places.get(name, {}).get(form)
        if place is None or place not in places_in(self.layout).values():
            return NOTHING, ""
        key, type_, number = place
        if not key:
            return self.fixed()[number], "date" if number == 1 else ""
        item = next(item for item in self.layout.items if item.identity == (key, type_))
        return self.of(item)[number], type_


def _by_version(ways: Sequence[tuple[int, Sql]]) -> Sql:
    """A cell that versions of the form may write each in its own way. ways: (version, cell)."""
    if len({way for _, way in ways}) == 1:
        return ways[0][1]
    known = [(pk, way) for pk, way in ways if way != NOTHING]
    text = " ".join(f"WHEN {pk} THEN {way.text}" for pk, way in known)
    return Sql(f"CASE s.version {text} END", _params([way for _, way in known]))


def _cells(item: FieldDef, value: str, text: str) -> list[Sql]:
    """As FieldType.cells. value: its answer in SQL, as JSON; text: as text."""
    type_, options = FIELD_TYPES[item.type], item.options
    if item.type in AS_THEY_ARE:
        return [Sql(text)]
    if type(type_).cells is GroupType.cells:
        return [Sql(f"({value} ->> '{part}')") for part in type_.parts]
    if item.type == "choice":
        return [_named(text, _labels(options))]
    if item.type in LISTS:
        return [_listed(item, value)]
    if item.type in ("yes_no", "consent"):
        ways = [(json.dumps(answer), type_.cells(item, answer)[0]) for answer in (True, False)]
        said = tuple(each for way in ways for each in way)
        return [Sql(f"CASE {text} WHEN %s THEN %s WHEN %s THEN %s END", said)]
    raise NotHere


def _labels(options: Mapping[str, Any]) -> dict[str, str]:
    return {choice["value"]: choice["label"] for choice in options.get("choices", ())}


def _named(text: str, names: Mapping[str, str]) -> Sql:
    """The text under its name, itself where it has none."""
    if all(value == label for value, label in names.items()):
        return Sql(text)
    return Sql(f"coalesce(%s::jsonb ->> {text}, {text})", (json.dumps(names, ensure_ascii=False),))


def _listed(item: FieldDef, value: str) -> Sql:
    """Everything that was chosen, or the names of the files, one after the other."""
    among = ""
    if item.type == "choices":
        one = _named("e.v", _labels(item.options))
    else:
        one = Sql("coalesce(f.name, e.v)")
        among = f"LEFT JOIN {Attachment._meta.db_table} f ON f.public_id = e.v AND f.application_id = s.pk"
    text = "(SELECT string_agg({}, %s ORDER BY e.n) FROM jsonb_array_elements_text({}) WITH ORDINALITY AS e (v, n) {})"
    return Sql(text.format(one.text, value, among), (*one.params, LISTS[item.type]))
