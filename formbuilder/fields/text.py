"""1行の文字 and 長い文章."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.pattern import check_pattern, compile_pattern
from formbuilder.fields.reading import check_length, text_in
from formbuilder.fields.shared import placeholder_block, width_block
from formbuilder.japanese.text import clean_block, clean_line, visible_length

AUTOCOMPLETE = [
    ("organization", "会社・団体の名前"),
    ("organization-title", "役職"),
    ("nickname", "呼び名"),
    ("url", "ウェブサイトのアドレス"),
]


class TextType(FieldType):
    name = "text"
    label = "文字（1行）"
    icon = "edit"
    has_box = True

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("max_length", blocks.IntegerBlock(default=200, min_value=1, max_value=1000, label="最大の文字数")),
            ("min_length", blocks.IntegerBlock(required=False, min_value=1, max_value=1000, label="最小の文字数")),
            ("width", width_block("l")),
            ("placeholder", placeholder_block()),
            (
                "pattern",
                blocks.CharBlock(
                    required=False,
                    max_length=200,
                    label="文字の形（正規表現）",
                    help_text="例: [A-Z]{2}[0-9]{6}　入力の全体がこの形のときだけ受け取ります。",
                ),
            ),
            (
                "pattern_example",
                blocks.CharBlock(
                    required=False, max_length=100, label="形に合う例", help_text="例: AB123456　申請する人に示します。"
                ),
            ),
            (
                "pattern_message",
                blocks.CharBlock(
                    required=False,
                    max_length=200,
                    label="形が違うときの案内",
                    help_text="空欄なら、例を示して入力し直してもらいます。",
                ),
            ),
            (
                "autocomplete",
                blocks.ChoiceBlock(
                    choices=AUTOCOMPLETE,
                    required=False,
                    label="端末の自動入力",
                    help_text="申請する人自身のことを尋ねるときだけ選んでください。",
                ),
            ),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        least, most = value["min_length"], value["max_length"]
        if least and least > most:
            compiler.problem(f"最小の文字数（{least}）が最大の文字数（{most}）より大きくなっています。")
        return {
            "max_length": most,
            "min_length": least,
            "width": value["width"],
            "placeholder": value["placeholder"] or "",
            "autocomplete": value["autocomplete"] or "",
            **compile_pattern(value, compiler),
        }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = clean_line(text_in(raw))
        if not text:
            return None
        check_length(text, field.options.get("max_length") or 200, field.label)
        least = field.options.get("min_length") or 0
        if least > 1 and visible_length(text) < least:
            raise FieldRefused(
                _("%(label)sは%(least)s文字以上で入力してください。") % {"label": field.label, "least": least}
            )
        check_pattern(field, text)
        return text

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        # no maxLength: JSON Schema counts code points, this type counts what people see
        return {"type": "string", "title": field.label, "minLength": field.options.get("min_length") or 1}


class TextareaType(FieldType):
    name = "textarea"
    label = "長い文章"
    icon = "doc-full"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("max_length", blocks.IntegerBlock(default=2000, min_value=1, max_value=10_000, label="最大の文字数")),
            ("rows", blocks.IntegerBlock(default=5, min_value=2, max_value=30, label="欄の行数")),
            ("placeholder", placeholder_block()),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"max_length": value["max_length"], "rows": value["rows"], "placeholder": value["placeholder"] or ""}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = clean_block(text_in(raw))
        if not text:
            return None
        check_length(text, field.options.get("max_length") or 2000, field.label)
        return text

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "minLength": 1}
