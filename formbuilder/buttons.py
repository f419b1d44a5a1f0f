"""The buttons among the items of a page: they look up an address or remove a row, and send the page to do so."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import BoxError, Place
from formbuilder.fields.repeat import RepeatType, next_row, row_item, rows_in_post
from formbuilder.runtime import CompiledForm, RuntimeField
from formbuilder.steps import input_id


@dataclass(frozen=True, slots=True)
class Address:
    """An item of a page, perhaps in a row of a group.

    field: the item of the form, so of a row its group; item: as it will stand on the next page; name: of its first box
    as posted.
    """

    field: RuntimeField
    item: FieldDef
    name: str
    place: Place | None = None

    def offers(self, posted: QueryDict) -> list[dict[str, str]]:
        """What the resident may choose from; empty where there is nothing to choose."""
        return FIELD_TYPES[self.item.type].offers(self.item, self._boxes(posted))

    def _boxes(self, posted: QueryDict) -> dict[str, str]:
        return {part: posted.get(f"{self.name}-{part}", "") for part in FIELD_TYPES[self.item.type].parts}

    def completed(self, posted: QueryDict, chosen: str = "") -> tuple[QueryDict, bool]:
        """The boxes with what the item's own look-up found, and whether it helps: found something, or has
        something to choose from.

        chosen: number of one of the offers.
        """
        type_ = FIELD_TYPES[self.item.type]
        found = type_.assist(self.item, self._boxes(posted))
        offers = self.offers(posted)
        helps = bool(found or offers)
        if re.fullmatch("[0-9]{1,3}", chosen) and int(chosen) < len(offers):
            found = {part: text for part, text in offers[int(chosen)].items() if part in type_.parts}
            # what was typed on already, with a lot number, stays
            found = {part: text for part, text in found.items() if not self._boxes(posted)[part].startswith(text)}
        data = posted.copy()
        for part, text in found.items():
            data[f"{self.name}-{part}"] = text
        return data, helps

    def error(self, message: str, part: str) -> forms.ValidationError:
        group = self.field.type
        if self.place is None or not isinstance(group, RepeatType):
            return forms.ValidationError(message, code=part)
        row, key = self.place
        inner = next(inner for inner in self.field.definition.fields if inner.key == key)
        return BoxError(group.at(self.field.definition, row, inner, message, part))


def address_of(compiled: CompiledForm, text: str, posted: Any) -> Address | None:
    """The item with a look-up that "key", or "group.row.key", names on the page that was posted; None without one.

    After a colon may stand which of the offers was chosen.
    """
    text = text.partition(":")[0]
    key, *inside = text.split(".")
    field = compiled.fields.get(key)
    if field is None:
        return None
    if not inside:
        return Address(field, field.definition, input_id(key)) if field.type.assists else None
    rows = rows_in_post(posted, input_id(key))
    if field.row is None or len(inside) != 2 or inside[0] not in rows or inside[1] not in field.row.fields:
        return None
    row, inner = rows.index(inside[0]), field.row.fields[inside[1]]
    if not inner.type.assists:
        return None
    return Address(field, row_item(field.definition, row, inner.definition), input_id(text), (row, inner.key))


def pressed(compiled: CompiledForm, posted: QueryDict) -> tuple[QueryDict, bool]:
    """The boxes once the button among them that was pressed has done its work; whether a look-up found something."""
    if address := address_of(compiled, posted.get("lookup", ""), posted):
        return address.completed(posted, posted.get("lookup", "").partition(":")[2])
    key, _, dropped = posted.get("drop", "").rpartition(".")
    key = key or posted.get("add", "")
    field = compiled.fields.get(key)
    if field is None or field.row is None:
        return posted, False
    data, name = posted.copy(), input_id(key)
    rows = rows_in_post(posted, name)
    kept = [row for row in rows if row != dropped]
    is_room = "add" in posted and len(rows) < field.row.type.most(field.definition)
    data.setlist(name, [*kept, *([next_row(rows)] if is_room else [])])
    return data, False
