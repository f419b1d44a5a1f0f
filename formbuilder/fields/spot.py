"""地点: a place on the map, as latitude and longitude. No map is fetched from anywhere."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import parse_number, plain
from formbuilder.fields.base import Answer, CellKind, FieldRefused, Part
from formbuilder.fields.group import GroupType
from formbuilder.fields.number import read_number
from formbuilder.fields.reading import lines_in

BOUNDS = {"lat": 90, "lng": 180}
DIGITS = Decimal("0.000001")  # a tenth of a metre
_BOTH = re.compile(r"\s*(-?[0-9.]+)\s*[,、 ]\s*(-?[0-9.]+)\s*")  # as map programs copy it
_HOW_TO = {
    "lat": gettext_noop("緯度は「37.916192」のように、数字で入力してください。"),
    "lng": gettext_noop("経度は「139.036413」のように、数字で入力してください。"),
}


class SpotType(GroupType):
    name = "spot"
    label = "地点（緯度・経度）"
    icon = "crosshairs"
    group = "基本"
    scripts = ("formbuilder/js/spot.js",)
    parts: ClassVar = {"lat": Part(gettext_noop("緯度"), "number"), "lng": Part(gettext_noop("経度"), "number")}
    example: ClassVar = {"lat": "37.916192", "lng": "139.036413"}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = lines_in(raw, self.parts)
        if not any(given.values()):
            return None
        if not given["lng"] and (both := _BOTH.fullmatch(given["lat"])):
            given = {"lat": both[1], "lng": both[2]}
        self.check_given(given)
        return {part: self._read(text, part) for part, text in given.items()}

    def _read(self, text: str, part: str) -> str:
        number = read_number(text)
        if number is None or abs(number) > BOUNDS[part]:
            raise FieldRefused(_(_HOW_TO[part]), part)
        return plain(number.quantize(DIGITS))

    def scalars(self, field: FieldDef, answer: Answer | None) -> dict[str, Any]:
        given = answer if isinstance(answer, Mapping) else {}
        return {part: parse_number(given[part]) if part in given else None for part in self.parts}

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return _("緯度 %(lat)s、経度 %(lng)s") % answer if answer else ""

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["number", "number"]

    def part_schema(self, name: str) -> dict[str, Any]:
        return {"type": "string", "title": self.parts[name].label, "pattern": r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$"}
