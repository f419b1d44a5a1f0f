"""手数料: what an editor sets so that a form costs something. Loaded while the models are, so it imports none."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.blocks import FormulaBlock

NAME = "payment"

ARRIVAL, COMPLETION = "arrival", "completion"
MOMENTS = {ARRIVAL: "申請するとき（支払うと受付になります）", COMPLETION: "審査のあと（決定してから支払います）"}
CARD, KONBINI, COUNTER = "card", "konbini", "counter"
METHODS = {
    CARD: gettext_noop("クレジットカード"),
    KONBINI: gettext_noop("コンビニ"),
    COUNTER: gettext_noop("窓口納付"),
}
NEVER, RECEIVED, REVIEW, DECISION = "never", "received", "review", "decision"
REFUNDS = {
    NEVER: "返金しない",
    RECEIVED: "受け付ける前まで返金する",
    REVIEW: "審査を始める前まで返金する",
    DECISION: "決定の前まで返金する",
}
MOST_DAYS = 60

PRICE = "金額か、申請の項目を使った式を入れます。例: 300　例: ＝もし（［受取方法］＝「速達」，410，110）"
QUANTITY = "例: 1　例: ＝［通数］　0になる行は、請求しません。"
EXEMPT = "この式が成り立つと、手数料は0円です。例: ＝［減免］＝「該当する」"
KONBINI_NEEDS = "コンビニは、メールアドレスのある申請だけで使えます。払込番号と返金の案内を、メールで送るためです。"
DAYS = "過ぎると、申請するときに支払う申請は期限切れになります。コンビニの払込も、この日までです。"
ACCOUNT = "収納の日計に出ます。例: 総務手数料　例: 13-02-01 戸籍住民基本台帳手数料"


class PaymentRequirement:
    """What it costs and who need not pay, when and how to pay, and until when the money goes back."""

    name = NAME
    label = "手数料"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock(
            [
                ("moment", blocks.ChoiceBlock(choices=list(MOMENTS.items()), default=ARRIVAL, label="いつ支払うか")),
                ("lines", blocks.ListBlock(_line_block(), min_num=1, label="内訳")),
                ("exemptions", blocks.ListBlock(_exemption_block(), default=[], label="減免")),
                ("methods", _methods_block()),
                (
                    "days",
                    blocks.IntegerBlock(
                        default=7, min_value=1, max_value=MOST_DAYS, label="支払期限（日）", help_text=DAYS
                    ),
                ),
                ("account", blocks.CharBlock(max_length=60, label="収入科目", help_text=ACCOUNT)),
                (
                    "refund_until",
                    blocks.ChoiceBlock(choices=list(REFUNDS.items()), default=REVIEW, label="取下げのとき"),
                ),
                ("refund_rejected", blocks.BooleanBlock(required=False, default=False, label="不承認のとき、返金する")),
                (
                    "refund_cancelled",
                    blocks.BooleanBlock(
                        required=False, default=False, label="予約を期限までに取り消したとき、返金する"
                    ),
                ),
            ],
            label=self.label,
            icon="tag",
            form_layout=blocks.BlockGroup(
                [
                    *("moment", "lines", "exemptions", "methods", "days", "account"),
                    blocks.BlockGroup(
                        ["refund_until", "refund_rejected", "refund_cancelled"], heading="返金", icon="rotate"
                    ),
                ]
            ),
        )

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"moment", "lines": [{"label", "price", "quantity"}], "exemptions": [{"holds", "reason"}], "methods", …}."""
        methods = [name for name in METHODS if name in value["methods"]]
        if not methods:
            compiler.problem("支払い方法を選んでください。")
        if not value["lines"]:
            compiler.problem("内訳がありません。1行以上入れてください。")
        return {
            "moment": value["moment"],
            "lines": [
                {
                    "label": row["label"],
                    "price": compiler.formula(row["price"], "number"),
                    "quantity": compiler.formula(row["quantity"], "number"),
                }
                for row in value["lines"]
            ],
            "exemptions": [
                {"holds": compiler.formula(row["holds"], "boolean"), "reason": row["reason"]}
                for row in value["exemptions"]
            ],
            "methods": methods,
            "days": value["days"],
            "account": value["account"],
            "refund_until": value["refund_until"],
            "refund_rejected": value["refund_rejected"],
            "refund_cancelled": value["refund_cancelled"],
        }


def _line_block() -> blocks.StructBlock:
    return blocks.StructBlock(
        [
            ("label", blocks.CharBlock(max_length=60, label="名前", help_text="例: 住民票の写し")),
            ("price", FormulaBlock(label="単価（円）", help_text=PRICE)),
            ("quantity", FormulaBlock(default="1", label="数", help_text=QUANTITY)),
        ],
        label="行",
        label_format="{label}　{price}円 × {quantity}",
    )


def _exemption_block() -> blocks.StructBlock:
    return blocks.StructBlock(
        [
            ("holds", FormulaBlock(label="条件", help_text=EXEMPT)),
            ("reason", blocks.CharBlock(max_length=200, label="減免の理由", help_text="申請する人と職員に見せます。")),
        ],
        label="減免",
        label_format="{reason}",
    )


def _methods_block() -> blocks.ListBlock:
    choice = blocks.ChoiceBlock(choices=list(METHODS.items()), default=CARD, label="方法")
    return blocks.ListBlock(choice, default=[CARD], label="支払い方法", help_text=KONBINI_NEEDS)
