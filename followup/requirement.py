"""メールアドレスの確認: what an editor adds to a form. Loaded while the models are, so it imports none."""

from collections.abc import Mapping
from typing import Any

from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler

NAME = "mail_address"
HELP = "確認コードの画面に出す説明です。空欄でもかまいません。例: 審査の結果を、このメールアドレスにお知らせします。"


class MailRequirement:
    name = NAME
    label = "メールアドレスの確認"

    def block(self) -> blocks.StructBlock:
        why = blocks.CharBlock(required=False, max_length=200, label="説明", help_text=HELP)
        return blocks.StructBlock([("why", why)], label=self.label, icon="mail")

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, str]:
        return {"why": value["why"] or ""}
