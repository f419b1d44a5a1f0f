"""お知らせ, ページへのリンク, and the places where identity, a slot and a fee are met."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.blocks import RICH_TEXT
from formbuilder.fields.shown import ShownType, html_of, source_of


class NoticeType(ShownType):
    name = "notice"
    goes_before = True
    label = "お知らせの枠"
    icon = "info-circle"

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(label="題名", max_length=200)

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        kinds = [("info", "お知らせ"), ("warning", "注意"), ("success", "よい知らせ")]
        return [
            ("tone", blocks.ChoiceBlock(choices=kinds, default="info", label="枠の種類")),
            ("message", blocks.RichTextBlock(features=RICH_TEXT, required=False, label="本文")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"tone": value["tone"], "message": source_of(value["message"])}

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"message": html_of(field.options.get("message"))}


class PageLinkType(ShownType):
    """Opens beside the form: what was typed stays."""

    name = "page_link"
    goes_before = True
    label = "ページへのリンク"
    icon = "link"

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(label="リンクの文字", max_length=200)

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [("url", blocks.URLBlock(label="リンク先のアドレス", help_text="例: https://www.example.jp/"))]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        if not str(value["url"]).startswith(("http://", "https://")):
            compiler.problem("リンク先は https:// から始まるアドレスにしてください。")
        return {"url": value["url"]}


class GateSign(ShownType):
    """Says where a gate is met. The gate itself, and its settings, are of 手続の条件."""

    icon = "circle-check"
    in_rows = False
    goes_before = True
    title: ClassVar[str]
    said: ClassVar[str]

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(
            required=False,
            label="覚え書き",
            max_length=200,
            help_text="編集画面だけに出る名前です。申請する人には、手続の案内が出ます。",
        )

    def template(self) -> str:
        return "formbuilder/fields/gate_sign.html"

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"said": _(self.said), "title": _(self.title)}


class IdentitySign(GateSign):
    name = "identity_sign"
    label = "本人確認の案内"
    needs = "identity"
    icon = "key"
    title = gettext_noop("本人確認があります")
    said = gettext_noop("この申請では、マイナンバーカードなどで本人確認をします。カードと暗証番号を用意してください。")


class SlotSign(GateSign):
    name = "slot_sign"
    label = "予約の案内"
    needs = "reservation"
    icon = "calendar-alt"
    title = gettext_noop("日時を予約します")
    said = gettext_noop("入力が終わると、確認の前に、日時を選ぶ画面になります。")


class FeeSign(GateSign):
    name = "fee_sign"
    label = "手数料の案内"
    needs = "payment"
    icon = "tag"
    title = gettext_noop("手数料がかかります")
    said = gettext_noop("金額と支払い方は、入力のあとに案内します。")
