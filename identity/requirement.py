"""本人確認: what an editor sets so that a form asks who the resident is. Loaded while the models are: imports none."""

from collections.abc import Mapping
from typing import Any

from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler, NamedItem
from formbuilder.fields.shared import FIXED
from identity.methods import AAL_LABELS, IAL_LABELS, METHODS

NAME = "identity"

START, CHECK = "start", "check"
LOCK, COMPARE = "lock", "compare"
EVER, YEAR, MONTH = "ever", "year", "month"

CLAIMS = {"name": "氏名", "address": "住所", "birthdate": "生年月日", "gender": "性別"}
# kinds of items that can take a claim
TYPES = {
    "name": ("full_name", "text"),
    "address": ("address", "text", "textarea"),
    "birthdate": ("date",),
    "gender": ("choice", "text"),
}
MALE = frozenset({"1", "male", "m", "男", "男性"})
FEMALE = frozenset({"2", "female", "f", "女", "女性"})

ITEM = "申請の項目名を入れます。例: 氏名"
HOW = (
    "「入れて、変えられないようにする」は、カードの内容をそのまま項目に入れます。"
    "「入力と比べる」は、入力された内容と違うことを、職員に知らせます。"
)
ONCE = "同じ人の2回目の申請を断ります。取下げや不承認のあとは、もう一度申請できます。"


class IdentityRequirement:
    """When, how surely and by which methods; which items take what was verified; how often one person may apply."""

    name = NAME
    label = "本人確認"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock(
            [
                (
                    "moment",
                    blocks.ChoiceBlock(
                        choices=[(START, "入力を始める前"), (CHECK, "確認画面の前")], default=START, label="いつ"
                    ),
                ),
                ("methods", _methods_block()),
                ("ial", _level_block(IAL_LABELS, "2", "身元確認の水準")),
                ("aal", _level_block(AAL_LABELS, "3", "当人認証の水準")),
                ("claims", blocks.ListBlock(_claim_block(), default=[], label="確認した情報を使う項目")),
                (
                    "once",
                    blocks.ChoiceBlock(
                        choices=[(EVER, "一人1回"), (YEAR, "一人、年度に1回"), (MONTH, "一人、月に1回")],
                        required=False,
                        label="申請できる回数",
                        help_text=ONCE,
                    ),
                ),
            ],
            label=self.label,
            icon="lock",
        )

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"moment", "methods": [code], "ial": int, "aal": int, "claims": [{"claim", "key", "how"}], "once"}."""
        methods = [METHODS[name] for name in value["methods"] if name in METHODS]
        ial, aal = int(value["ial"]), int(value["aal"])
        if not methods:
            compiler.problem("本人確認の方法を選んでください。")
        for method in methods:
            if method.ial < ial or method.aal < aal:
                compiler.problem(
                    f"「{method.label}」では、選んだ水準に届きません"
                    f"（身元確認 {method.ial}、当人認証 {method.aal} まで）。水準か方法を変えてください。"
                    "身元確認 3 が要るときは、ここを 2 にして、「電子署名」を加えてください。"
                )
        if value["once"] and len({method.way for method in methods}) > 1:
            compiler.problem(
                "マイナアプリとeKYCの両方があると、同じ人かどうかを見分けられません。どちらか一方にしてください。"
            )
        return {
            "moment": value["moment"],
            "methods": [method.name for method in methods],
            "ial": ial,
            "aal": aal,
            "claims": claims_of(value["claims"], compiler),
            "once": value["once"] or "",
        }


def _methods_block() -> blocks.ListBlock:
    choices = [(method.name, method.label) for method in METHODS.values()]
    first = choices[0][0]
    return blocks.ListBlock(
        blocks.ChoiceBlock(choices=choices, default=first, label="方法"), default=[first], label="使える方法"
    )


def _level_block(labels: Mapping[int, str], default: str, label: str) -> blocks.ChoiceBlock:
    choices = [(str(level), text) for level, text in labels.items()]
    return blocks.ChoiceBlock(choices=choices, default=default, label=label)


def item_blocks() -> list[tuple[str, blocks.Block]]:
    """Which claim belongs to which item."""
    return [
        ("claim", blocks.ChoiceBlock(choices=list(CLAIMS.items()), label="確認する情報")),
        ("item", blocks.CharBlock(label="項目名", help_text=ITEM)),
    ]


def _claim_block() -> blocks.StructBlock:
    return blocks.StructBlock(
        [
            *item_blocks(),
            (
                "how",
                blocks.ChoiceBlock(
                    choices=[(LOCK, "入れて、変えられないようにする"), (COMPARE, "入力と比べる")],
                    default=LOCK,
                    label="使い方",
                    help_text=HOW,
                ),
            ),
        ],
        label="情報と項目",
    )


def claims_of(rows: Any, compiler: FormulaCompiler) -> list[dict[str, str]]:
    """[{"claim", "key", "how"}] of the rows that an editor filled in."""
    made: list[dict[str, str]] = []
    for row in rows:
        item = compiler.item(row["item"])
        if item is None:
            continue
        claim, key, how = row["claim"], item.key, row.get("how", COMPARE)
        if any(other["key"] == key for other in made):
            compiler.problem(f"項目「{item.name}」に、情報を二つ入れることはできません。一方を消してください。")
        if any(other["claim"] == claim for other in made):
            compiler.problem(f"「{CLAIMS[claim]}」が二つあります。一方を消してください。")
        if problem := _misfit(claim, item):
            compiler.problem(problem)
        if how == LOCK and item.value.get("from_link") == FIXED:
            compiler.problem(
                f"項目「{item.name}」は、リンクから入れて変えられないようにしてあります。"
                "本人確認の内容は入りません。どちらか一方にしてください。"
            )
        made.append({"claim": claim, "key": key, "how": how})
    return made


def _misfit(claim: str, item: NamedItem) -> str:
    """Why the item cannot take the claim; "" when it can."""
    if item.type.name not in TYPES[claim]:
        return f"項目「{item.name}」（{item.type.label}）に、{CLAIMS[claim]}は入りません。"
    if claim == "gender" and (choices := item.type.editor_options(item.value)):
        words = [{choice["value"], choice["label"]} for choice in choices]
        if not all(any(word & sex for word in words) for sex in (MALE, FEMALE)):
            return f"項目「{item.name}」の選択肢に、「男性」と「女性」を入れてください。"
    return ""
