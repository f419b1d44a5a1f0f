"""計算: worked out from other answers, never asked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import parse_number, plain
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.blocks import FormulaBlock
from formbuilder.fields.number import with_unit
from formbuilder.fields.reading import UNREADABLE


class ComputedType(FieldType):
    name = "computed"
    label = "計算"
    icon = "cogs"
    group = "口座・計算"
    kind = "number"
    is_asked = False
    example = "50000"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "formula",
                FormulaBlock(label="式", help_text="例: ＝もし（［多胎］＝「はい」，［胎児の数］，1）×50000"),
            ),
            ("unit", blocks.CharBlock(required=False, max_length=10, label="単位", help_text="例: 円")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"formula": compiler.formula(value["formula"] or "", "number"), "unit": value["unit"] or ""}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        """raw: the formula's result, or the answer that was made of it."""
        if raw is None or raw == "":
            return None
        number = parse_number(raw) if isinstance(raw, str) else raw
        if not isinstance(number, Decimal) or not number.is_finite():
            raise FieldRefused(_(UNREADABLE))
        return plain(number)

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        number = parse_number(answer) if isinstance(answer, str) else None
        return "" if number is None else with_unit(number, field.options.get("unit") or "", grouped=True)

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return ["" if answer is None else str(answer)]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["number"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "readOnly": True}
