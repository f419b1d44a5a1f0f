"""The settings that all field types, or all that are asked, have alike: as the editor sees them, and compiled."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from wagtail import blocks

from formbuilder.fields.blocks import ConditionBlock, RuleBlock

WIDTHS = [("s", "短い"), ("m", "中くらい"), ("l", "長い")]
LONGEST_DEFAULT = 200
CHANGEABLE, FIXED = "changeable", "fixed"  # 「リンクから入れられる」: what the resident may do with it
FROM_LINK = [(CHANGEABLE, "入れられる（申請する人が変えられる）"), (FIXED, "入れられる（変えられない）")]


class Shaped(Protocol):
    """What of a FieldType decides about its settings."""

    is_input: ClassVar[bool]
    is_asked: ClassVar[bool]
    has_box: ClassVar[bool]
    takes_default: ClassVar[bool]
    takes_files: ClassVar[bool]
    has_rows: ClassVar[bool]
    is_secret: ClassVar[bool]
    sensitive: ClassVar[bool]
    opens_condition: ClassVar[bool]


def shared_blocks(type_: Shaped, own: Sequence[tuple[str, blocks.Block]]) -> list[tuple[str, blocks.Block]]:
    """own: the settings that only this type has; one of them may stand for a shared one."""
    shared: list[tuple[str, blocks.Block]] = [("condition", ConditionBlock(collapsed=not type_.opens_condition))]
    if type_.is_input:
        shared += [("help", _help_block()), ("name", _name_block())]
        shared += [] if type_.is_secret else [("sensitive", _sensitive_block(type_.sensitive))]
    if type_.is_input and type_.is_asked:
        shared += [
            ("required", blocks.BooleanBlock(required=False, default=True, label="必須")),
            ("required_if", _required_if_block()),
            ("rules", blocks.ListBlock(RuleBlock(), default=[], label="規則")),
            *([("placeholder", placeholder_block()), ("width", width_block())] if type_.has_box else []),
            *([("default", _default_block()), ("from_link", _from_link_block())] if _begins(type_) else []),
        ]
    taken = {name for name, _ in own}
    return [(name, block) for name, block in shared if name not in taken]


def groups_of(type_: Shaped, own: Sequence[str]) -> list[str | blocks.BlockGroup]:
    """The settings in the order of the editor, what is seldom needed folded away."""
    if not type_.is_input:
        return ["label", *own, "condition"]
    if not type_.is_asked:
        return ["label", "help", *own, "condition", _details(["name", *_switch(type_)])]
    box = [name for name in ("placeholder", "width") if type_.has_box and name not in own]
    begins = ["default", "from_link"] if _begins(type_) else []
    rules = blocks.BlockGroup(["required_if", "rules"], heading="入力規則", classname="collapsed", icon="warning")
    details = _details(["name", *_switch(type_), *box, *begins])
    return ["label", "required", "help", *own, rules, "condition", details]


def shared_options(value: Mapping[str, Any]) -> dict[str, Any]:
    """Of the FieldDef; a setting that was left empty is not there at all."""
    names = ("placeholder", "width", "default", "from_link")
    return {name: str(value[name]).strip() for name in names if str(value.get(name) or "").strip()}


def _begins(type_: Shaped) -> bool:
    return bool(type_.takes_default) and not (type_.takes_files or type_.has_rows or type_.is_secret)


def _switch(type_: Shaped) -> list[str]:
    return [] if type_.is_secret else ["sensitive"]


def _details(names: list[str]) -> blocks.BlockGroup:
    return blocks.BlockGroup(names, heading="詳細", classname="collapsed", icon="cog", label_format="{name}")


def _help_block() -> blocks.CharBlock:
    return blocks.CharBlock(required=False, max_length=500, label="説明（見出しの下に出ます）")


def _name_block() -> blocks.CharBlock:
    return blocks.CharBlock(
        required=False,
        max_length=60,
        label="項目名",
        help_text="出力の列名と、計算式で使う短い名前です。空欄なら見出しと同じです。",
    )


def _sensitive_block(default: bool) -> blocks.BooleanBlock:
    return blocks.BooleanBlock(
        required=False,
        default=default,
        label="機微な情報",
        help_text="入れると、暗号にして保存します（口座番号など）。",
    )


def _required_if_block() -> ConditionBlock:
    return ConditionBlock(
        label="必須条件",
        help_text="条件を足すと、当てはまるときだけ必須になります。なければ「必須」のとおりです。",
        collapsed=True,
    )


def placeholder_block() -> blocks.CharBlock:
    return blocks.CharBlock(
        required=False,
        max_length=100,
        label="欄の中の見本",
        help_text="入力を始めると消えます。守ってほしいことは「説明」に書いてください。",
    )


def width_block(default: str | None = None) -> blocks.ChoiceBlock:
    return blocks.ChoiceBlock(choices=WIDTHS, required=default is not None, default=default, label="欄の幅")


def _default_block() -> blocks.CharBlock:
    return blocks.CharBlock(
        required=False,
        max_length=LONGEST_DEFAULT,
        label="初期値",
        help_text="はじめから入れておく答えです。日付は「今日」、選択肢はその文字で書きます。",
    )


def _from_link_block() -> blocks.ChoiceBlock:
    return blocks.ChoiceBlock(
        choices=FROM_LINK,
        required=False,
        label="リンクから入れられる",
        help_text="「リンクとチラシ」で、面談番号などを入れたリンクを作れるようになります。リンクは書き換えられるので、"
        "「変えられない」にしても本人の確認にはなりません。機微な情報には使えません。",
    )
