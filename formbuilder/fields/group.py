"""What items of several boxes have in common: each box is a line of text, and a column of the export."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType


class GroupType(FieldType):
    kind = None
    takes_default = False
    optional: ClassVar[frozenset[str]] = frozenset()  # boxes that may stay empty

    def check_given(self, given: Mapping[str, str], optional: frozenset[str] = frozenset()) -> None:
        """Refuse the first box that is empty and may not be."""
        for name, part in self.parts.items():
            if not given[name] and name not in self.optional | optional:
                raise FieldRefused(_("%(label)sを入力してください。") % {"label": _(part.label)}, name)

    def headers(self, field: FieldDef) -> list[str]:
        return [f"{field.name}：{part.label}" for part in self.parts.values()]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        given = answer or {}
        return [str(given.get(name, "")) for name in self.parts]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        properties = {name: self.part_schema(name) for name in self.parts}
        return {
            "type": "object",
            "title": field.label,
            "properties": properties,
            "required": list(self.parts),
            "additionalProperties": False,
        }

    def part_schema(self, name: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "title": self.parts[name].label}
        return schema if name in self.optional else {**schema, "minLength": 1}
