"""年齢: worked out from a date of birth in the form."""

from collections.abc import Mapping
from typing import Any

from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.computed import ComputedType

BASES = {
    "today": ("申請する日", "今日()"),
    "fiscal_start": ("年度の初め（4月1日）", "年度初め(今日())"),
    "fiscal_end": ("年度の終わり（3月31日）", "日後(か月後(年度初め(今日()),12),-1)"),
}


class AgeType(ComputedType):
    name = "age"
    label = "年齢（生年月日から）"
    icon = "user"
    group = "本人"
    example = "30"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "birthday",
                blocks.CharBlock(default="生年月日", max_length=60, label="生年月日の項目名", help_text="例: 生年月日"),
            ),
            (
                "on",
                blocks.ChoiceBlock(
                    choices=[(code, label) for code, (label, _) in BASES.items()], default="today", label="いつの年齢か"
                ),
            ),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        name = value["birthday"].strip("［］[] ").replace("］", "］］").replace("]", "]]")
        return {"formula": compiler.formula(f"=年齢(［{name}］,{BASES[value['on']][1]})", "number"), "unit": "歳"}

    def template(self) -> str:
        return "formbuilder/fields/computed.html"
