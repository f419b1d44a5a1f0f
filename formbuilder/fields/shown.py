"""Items that say something and are never answered: 見出し, 説明文 and 対象外."""

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString
from wagtail import blocks
from wagtail.rich_text import expand_db_html

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldType, FormulaCompiler
from formbuilder.fields.blocks import RICH_TEXT
from formbuilder.translating import Native


class ShownType(FieldType):
    group = "説明・判定"
    is_input = False
    kind = None
    example = None

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        return None

    def headers(self, field: FieldDef) -> list[str]:
        return []

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return []

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "null", "title": field.label}


class HeadingType(ShownType):
    name = "heading"
    label = "見出し"
    icon = "title"

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(label="見出し", max_length=200)

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        choices = [("2", "大きい"), ("3", "小さい")]
        return [("level", blocks.ChoiceBlock(choices=choices, default="2", label="大きさ"))]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"level": int(value["level"] or 2)}


class RichTextType(ShownType):
    name = "rich_text"
    goes_before = True
    label = "説明文"
    icon = "info-circle"

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(
            required=False,
            label="覚え書き",
            max_length=200,
            help_text="編集画面だけに出る名前です。申請する人には見えません。",
        )

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [("html", blocks.RichTextBlock(features=RICH_TEXT, label="説明文"))]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"html": source_of(value["html"])}

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"html": html_of(field.options.get("html"))}


class StopType(ShownType):
    """Shown where its condition holds: the resident cannot apply, and is told why."""

    name = "stop"
    in_rows = False  # it stops the whole form
    label = "対象外の案内"
    icon = "warning"
    opens_condition = True

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(label="題名", max_length=200, help_text="例: 新潟市にお住まいでない方は対象外です")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        text = blocks.RichTextBlock(
            features=RICH_TEXT, label="案内", help_text="対象外となる理由と、代わりにできることを書いてください。"
        )
        return [("message", text)]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        if not (value.get("condition") and value["condition"]["rows"]):
            compiler.problem("対象外になる条件がありません。「表示条件」に条件を足してください。")
        return {"title": value["label"] or "", "message": source_of(value["message"])}

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"message": html_of(field.options.get("message"))}


def source_of(text: Any) -> str:
    """Wagtail's own HTML, whose links name pages by their number: a page may move."""
    return str(text.source) if text else ""


def html_of(source: str | None) -> SafeString:
    """Safe because the editor, or the import of a form file, has cleaned it."""
    html = expand_db_html(source or "")
    return SafeString(f'<div lang="ja">{html}</div>' if isinstance(source, Native) else html)
