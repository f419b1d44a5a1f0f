"""支給: what an editor sets so that approved applications are paid out. Loaded while the models are: imports none."""

import re
from collections.abc import Mapping
from typing import Any

from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler, NamedItem
from formbuilder.fields.blocks import FormulaBlock

NAME = "payout"
SCHEME = re.compile(r"[a-z0-9-]{1,40}")

AMOUNT = "金額か、申請の項目を使った式を入れます。例: 50000　例: ＝［支給額］"
PUBLIC = (
    "成り立つ申請は、公金受取口座で受け取る申請として、別の一覧に分けます。"
    "選択肢にコードがあれば、コードで比べます。例: ＝［受取方法］＝「koukin」"
)
PERSON = "同じ種類の支給を二重に受けていないかを、これらの項目が同じかどうかで確かめます。例: 氏名カナ、生年月日"
SCHEME_HELP = "半角の英小文字・数字・ハイフン。同じ名前の間で、二重の支給を確かめます。例: smile-gift-2026"


class PayoutRequirement:
    """How much, into which account, and by what the same person is known."""

    name = NAME
    label = "支給（口座振込）"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock(
            [
                ("scheme", blocks.CharBlock(max_length=40, label="支給の種類", help_text=SCHEME_HELP)),
                ("amount", FormulaBlock(label="支給額（円）", help_text=AMOUNT)),
                ("account", blocks.CharBlock(label="口座の項目名", help_text="「振込先の口座」の項目名。例: 振込先")),
                ("apart", FormulaBlock(required=False, label="公金受取口座で受け取る条件", help_text=PUBLIC)),
                (
                    "person",
                    blocks.ListBlock(
                        blocks.CharBlock(label="項目名"), default=[], label="同じ人を見分ける項目", help_text=PERSON
                    ),
                ),
            ],
            label=self.label,
            icon="download",
        )

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"scheme", "amount": expression, "account": key, "apart": expression or None, "person": [key]}."""
        if not SCHEME.fullmatch(value["scheme"]):
            compiler.problem("支給の種類は、半角の英小文字・数字・ハイフンで入力してください。例: smile-gift-2026")
        account = compiler.item(value["account"])
        if account is None:
            compiler.problem(
                f"口座の項目「{value['account']}」がありません。「振込先の口座」の項目名を入れてください。"
            )
        elif account.type.name != "bank_account":
            compiler.problem(f"項目「{account.name}」（{account.type.label}）は、振込先の口座ではありません。")
        person = [item for name in value["person"] if (item := _person(name, compiler))]
        if not value["person"]:
            compiler.problem("同じ人を見分ける項目を、一つ以上入れてください。")
        return {
            "scheme": value["scheme"],
            "amount": compiler.formula(value["amount"], "number"),
            "account": account.key if account else "",
            "apart": compiler.formula(value["apart"], "boolean") if value["apart"] else None,
            "person": [item.key for item in person],
        }


def _person(name: str, compiler: FormulaCompiler) -> NamedItem | None:
    item = compiler.item(name)
    if item is None:
        compiler.problem(f"項目「{name}」がありません。同じ人を見分ける項目を入れ直してください。")
    return item
