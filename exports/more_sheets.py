"""What an Excel export has besides its applications: a sheet for each repeated group, and the list of items."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from applications.models import Application
from applications.sheets.excel_file import Kind, Sheet
from exports.columns import Identity, Item, Layout, cells_of, told_apart, united
from exports.rows import UNREADABLE, Reader, chunks_of
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.repeat import RepeatType
from formbuilder.models import FormVersion

HEAD = ("受付番号", "何番目")
HEAD_KINDS = (Kind.TEXT, Kind.NUMBER)
LIST_TITLE = "項目の一覧"
LIST_HEADINGS = ("申請フォーム", "列の見出し", "項目名", "質問", "種類", "必須", "機微な情報", "項目のある版")


def group_sheets(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion], form: str
) -> list[Sheet]:
    """One for each repeated group (繰り返し) of the form: a row for each of its rows, with the 受付番号."""
    groups: dict[str, list[FieldDef]] = {}
    for version in versions:
        for field in version.engine.fields.values():
            if isinstance(field.type, RepeatType):
                groups.setdefault(field.key, []).append(field.definition)
    return [_group_sheet(applications, layout, versions, form, definitions) for definitions in groups.values()]


def _group_sheet(
    applications: QuerySet[Application],
    layout: Layout,
    versions: Sequence[FormVersion],
    form: str,
    definitions: Sequence[FieldDef],
) -> Sheet:
    items = united([_inner(definition) for definition in definitions])
    headings = [(heading, True) for heading in (*HEAD, *(heading for item in items for heading in item.headings))]
    kinds = (*HEAD_KINDS, *(kind for item in items for kind in item.kinds))
    rows = _group_rows(applications, layout, versions, definitions[0].key, items)
    return Sheet(f"{form}・{definitions[0].name}", tuple(told_apart(headings)), rows, None, kinds)


def _inner(group: FieldDef) -> dict[Identity, FieldDef]:
    type_ = FIELD_TYPES[group.type]
    assert isinstance(type_, RepeatType)
    return {(inner.key, inner.type): inner for inner in type_.answered(group)}


def _group_rows(
    applications: QuerySet[Application],
    layout: Layout,
    versions: Sequence[FormVersion],
    key: str,
    items: Sequence[Item],
) -> Iterator[list[str]]:
    readers = {version.pk: Reader(version, layout) for version in versions}
    mine = {version.pk: _inner(field.definition) for version in versions if (field := version.engine.fields.get(key))}
    for chunk in chunks_of(applications):
        for taken in chunk:
            if taken.version not in mine:
                continue
            reader = readers[taken.version]
            answers, lost = reader.read(taken)
            if key in lost:
                yield [taken.reference, "", *[UNREADABLE] * sum(len(item.headings) for item in items)]
                continue
            for number, row in enumerate(answers.get(key) or [], start=1):
                yield [taken.reference, str(number), *_cells(items, mine[taken.version], row)]


def _cells(items: Sequence[Item], mine: Mapping[Identity, FieldDef], row: Mapping[str, Any]) -> Iterator[str]:
    for item in items:
        definition = mine.get(item.identity)
        yield from cells_of(item, definition, row.get(definition.key) if definition else None)


def field_list(forms: Sequence[tuple[str, Layout, Sequence[FormVersion]]]) -> Sheet:
    """What every column means. forms: (title, layout, versions) of each."""
    rows = [row for form in forms for row in _listed(*form)]
    return Sheet(LIST_TITLE, LIST_HEADINGS, rows, len(rows))


def _listed(title: str, layout: Layout, versions: Sequence[FormVersion]) -> Iterator[list[str]]:
    place = len(layout.headings) - sum(len(item.headings) for item in layout.items)
    having = {
        item.identity: "、".join(
            str(version) for version in reversed(versions) if _has(version, item.definition.key, item.type.name)
        )
        for item in layout.items
    }
    for item in layout.items:
        definition = item.definition
        required = "必須" if definition.required is True else "" if definition.required is False else "条件による"
        for heading in layout.headings[place : place + len(item.headings)]:
            yield [
                title,
                heading,
                definition.name,
                definition.label,
                item.type.label,
                required,
                "はい" if definition.sensitive else "",
                having[item.identity],
            ]
        place += len(item.headings)


def _has(version: FormVersion, key: str, type_: str) -> bool:
    """key: of an item, or of one in a row (group.row.item)."""
    outer, _, inner = key.partition(".")
    field = version.engine.fields.get(outer)
    if field is None or not inner:
        return field is not None and field.definition.type == type_
    name = inner.partition(".")[2]
    return any(each.key == name and each.type == type_ for each in field.definition.fields)
