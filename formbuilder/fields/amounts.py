"""金額 and 整数（単位つき）: numbers whose unit is part of what they are."""

from typing import Any

from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import parse_number
from formbuilder.fields.base import Answer
from formbuilder.fields.number import NumberType, with_unit

YEN = "円"


class WholeType(NumberType):
    """No decimals: there is nothing to set about them."""

    def unit_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(default="人", max_length=10, label="単位", help_text="例: 人、個、本、世帯")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        kept = {"unit": self.unit_block()}
        return [(name, kept.get(name, block)) for name, block in super().own_blocks() if name != "decimals"]

    def compile_options(self, value: Any, compiler: Any) -> dict[str, Any]:
        return super().compile_options({**value, "decimals": 0}, compiler)

    def template(self) -> str:
        return "formbuilder/fields/number.html"


class QuantityType(WholeType):
    name = "quantity"
    label = "整数（人数・個数など）"
    icon = "order"

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        number = parse_number(answer) if isinstance(answer, str) else None
        return "" if number is None else with_unit(number, field.options.get("unit") or "", grouped=True)


class MoneyType(WholeType):
    name = "money"
    label = "金額（円）"
    icon = "tag"
    example = "5000"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [(name, block) for name, block in super().own_blocks() if name != "unit"]

    def compile_options(self, value: Any, compiler: Any) -> dict[str, Any]:
        return super().compile_options({**value, "unit": YEN}, compiler)
