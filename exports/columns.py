"""Columns of an export: one form, all of its versions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.models import Application
from applications.sheets.excel_file import Kind
from formbuilder.definition import FieldDef
from formbuilder.engine import Engine
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.models import FormVersion
from formbuilder.runtime import RuntimeField

FIXED = ("受付番号", "受付日時", "状態", "受付方法", "版")
FIXED_KINDS = (Kind.TEXT, Kind.MOMENT, Kind.TEXT, Kind.TEXT, Kind.TEXT)

# One item of the form through its versions. A changed type is another item: its answers mean something else.
Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """Columns of one item. definition: as in the newest version that has it; headings: as many as any version needs."""

    definition: FieldDef
    type: FieldType
    headings: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        return self.definition.key, self.definition.type

    @property
    def kinds(self) -> list[Kind]:
        """One for each heading; those that only older versions have are texts."""
        kinds = [Kind(kind) for kind in self.type.cell_kinds(self.definition)]
        return kinds + [Kind.TEXT] * (len(self.headings) - len(kinds))


@dataclass(frozen=True, slots=True)
class Layout:
    """items in order; headings of all columns, the fixed ones first, none twice."""

    items: tuple[Item, ...]
    headings: tuple[str, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (*FIXED_KINDS, *(kind for item in self.items for kind in item.kinds))

    @property
    def takes_files(self) -> bool:
        return any(item.type.takes_files for item in self.items)


def versions_of(form_id: int) -> QuerySet[FormVersion]:
    """The form's versions that shape its columns, newest first: the current one, and those anybody applied with.

    All of them and not only those in the export: next month's file has the same columns.
    """
    received = Application.objects.filter(version=OuterRef("pk"), received_at__isnull=False)
    return FormVersion.objects.filter(Q(is_current=True) | Exists(received), form=form_id).order_by("-number")


def layout_of(versions: Sequence[FormVersion]) -> Layout:
    """versions: newest first."""
    fields = [_answered(version.engine) for version in versions]
    items = united(fields)
    headings = [(heading, True) for heading in FIXED]
    headings += [(heading, item.identity in fields[0]) for item in items for heading in item.headings]
    return Layout(tuple(items), tuple(told_apart(headings)))


def united(fields: list[dict[Identity, FieldDef]]) -> list[Item]:
    """The items of several versions in one order. fields: of each version, the newest first."""
    return [_item(identity, fields) for identity in _merged([list(each) for each in fields])]


def _answered(engine: Engine) -> dict[Identity, FieldDef]:
    return {(item.key, item.type): item for item in items_of(engine)}


def items_of(engine: Engine) -> Iterator[FieldDef]:
    """The items that have columns; in place of what has several those of each, so that each stays in its own column."""
    for field in engine.fields.values():
        if field.type.is_input:
            yield from field.type.items(field.definition)


def answers_of(groups: Sequence[RuntimeField], answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answers by the keys of `items_of`. groups: the form's items that have several columns."""
    if not groups:
        return answers
    found = dict(answers)
    for group in groups:
        found |= group.type.flat(group.definition, found.pop(group.key, None))
    return found


def _merged(orders: list[list[Identity]]) -> list[Identity]:
    """The newest order, with what only older ones have put behind the neighbour it used to follow.

    An item whose type was changed comes behind its newer self.
    """
    merged: list[Identity] = []
    for order in orders:
        place = 0
        for identity in order:
            if identity not in merged:
                newer = [index for index, other in enumerate(merged) if other[0] == identity[0]]
                merged.insert(newer[-1] + 1 if newer else place, identity)
            place = merged.index(identity) + 1
    return merged


def _item(identity: Identity, fields: list[dict[Identity, FieldDef]]) -> Item:
    """The newest headings; should an older version need more columns, its own follow."""
    through, type_ = [each[identity] for each in fields if identity in each], FIELD_TYPES[identity[1]]
    headings: list[str] = []
    for item in through:
        headings += type_.headers(item)[len(headings) :]
    return Item(through[0], type_, tuple(headings))


def told_apart(headings: Sequence[tuple[str, bool]]) -> list[str]:
    """Each heading once; of two equal ones that of the newest version (True) keeps its name."""
    made: dict[int, str] = {}
    taken: set[str] = set()
    for index in sorted(range(len(headings)), key=lambda index: not headings[index][1]):
        heading, number = headings[index][0], 1
        name = heading
        while name in taken:
            number += 1
            name = f"{heading}（{number}）"
        taken.add(name)
        made[index] = name
    return [made[index] for index in range(len(headings))]


def cells_of(item: Item, definition: FieldDef | None, answer: Any) -> list[str]:
    """One text for each heading. definition: of the item in the version that was filled in, None when it has none."""
    if definition is None:
        return [""] * len(item.headings)
    cells = item.type.cells(definition, answer)
    return cells + [""] * (len(item.headings) - len(cells))
