"""二段階で選ぶ: what is offered second depends on what was chosen first."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FormulaCompiler, Part
from formbuilder.fields.choice import NOT_OFFERED
from formbuilder.fields.group import GroupType
from formbuilder.fields.reading import lines_in

FIRST = [
    {"label": "道路", "choices": "舗装の穴\n側溝のふた"},
    {"label": "公園", "choices": "遊具\n街灯"},
]
CHOOSE = gettext_noop("「{label}」を選んでください。")


class GroupBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=100, label="はじめに選ぶもの")
    choices = blocks.TextBlock(label="次に選ぶもの", help_text="1行に一つずつ書いてください。")

    class Meta:
        label = "分類"
        icon = "folder-open-inverse"


class LinkedType(GroupType):
    """Options have no codes: two levels of names are what an editor can keep an eye on."""

    name = "linked"
    label = "二段階で選ぶ（大分類→小分類）"
    icon = "list-ol"
    group = "選択"
    scripts = ("formbuilder/js/linked.js",)
    parts: ClassVar = {"first": Part("大分類"), "second": Part("小分類")}
    example: ClassVar[Any] = {"first": "道路", "second": "側溝のふた"}
    missing = CHOOSE

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("first_label", blocks.CharBlock(default="大分類", max_length=40, label="はじめの欄の名前")),
            ("second_label", blocks.CharBlock(default="小分類", max_length=40, label="次の欄の名前")),
            ("groups", blocks.ListBlock(GroupBlock(), default=FIRST, label="選択肢")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        groups = [
            {
                "value": row["label"],
                "label": row["label"],
                "choices": [_option(line) for line in _lines(row["choices"])],
            }
            for row in value["groups"]
        ]
        if not groups:
            compiler.problem("選択肢がありません。二つ以上入れてください。")
        _check(groups, "はじめに選ぶもの", compiler)
        for group in groups:
            if not group["choices"]:
                compiler.problem(f"「{group['label']}」の次に選ぶものがありません。1行に一つずつ書いてください。")
            _check(group["choices"], f"「{group['label']}」の中", compiler)
        return {"first_label": value["first_label"], "second_label": value["second_label"], "groups": groups}

    def parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        return {
            "first": Part(field.options.get("first_label") or self.parts["first"].label),
            "second": Part(field.options.get("second_label") or self.parts["second"].label),
        }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given, groups = lines_in(raw, self.parts), field.options.get("groups", ())
        if not any(given.values()):
            return None
        parts, known = self.parts_of(field), {group["value"]: group for group in groups}
        holding = [group["value"] for group in groups if given["second"] in _values(group)]
        if not given["first"] and len(holding) == 1:
            given["first"] = holding[0]  # without a script, one may choose the second alone
        for part, text in given.items():
            if not text:
                raise FieldRefused(_(CHOOSE).format(label=parts[part].label), part)
        if given["first"] not in known or not holding:
            wrong = "first" if given["first"] not in known else "second"
            raise FieldRefused(_(NOT_OFFERED).format(label=parts[wrong].label), wrong)
        if given["first"] not in holding:
            told = _("「%(second)s」は「%(first)s」の中にありません。どちらかを選び直してください。")
            raise FieldRefused(told % {name: _label(groups, text) for name, text in given.items()}, "second")
        return given

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        groups = field.options.get("groups", ())
        return _("%(first)s › %(second)s") % {n: _label(groups, answer[n]) for n in self.parts} if answer else ""

    def headers(self, field: FieldDef) -> list[str]:
        return [f"{field.name}：{part.label}" for part in self.parts_of(field).values()]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        groups = field.options.get("groups", ())
        seconds = list(dict.fromkeys(value for group in groups for value in _values(group)))
        offered = {"first": [group["value"] for group in groups], "second": seconds}
        return {
            "type": "object",
            "title": field.label,
            "properties": {part: {"type": "string", "enum": values} for part, values in offered.items()},
            "required": list(offered),
            "additionalProperties": False,
        }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _option(text: str) -> dict[str, str]:
    return {"value": text, "label": text}


def _check(options: list[dict[str, Any]], where: str, compiler: FormulaCompiler) -> None:
    values = [option["value"] for option in options]
    for text in dict.fromkeys(value for value in values if values.count(value) > 1):
        compiler.problem(f"{where}に「{text}」が二つあります。一方を変えてください。")


def _values(group: Mapping[str, Any]) -> list[str]:
    return [option["value"] for option in group["choices"]]


def _label(groups: Any, value: str) -> str:
    options = [*groups, *(option for group in groups for option in group["choices"])]
    return str(next((option["label"] for option in options if option["value"] == value), value))
