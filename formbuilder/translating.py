"""The texts of a form in other languages. Plain Python.

A translation belongs to a Japanese text, not to a place: what stands twice is translated once, moving an item loses
nothing, and a text that is changed has no translation until somebody has looked at it again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from formbuilder.definition import FieldDef, FormDefinition, Rule, StepDef

Translations = Mapping[str, Mapping[str, str]]  # language -> Japanese text -> translation

# options of items that people read: plain, and rich text
PLAIN = (
    "title",
    "placeholder",
    "statement",
    "yes_label",
    "no_label",
    "word",
    "counter",
    "add_label",
    "low",
    "high",
    "pattern_message",
    "unit",
    "first_label",
    "second_label",
)
RICH = ("html", "message")
LISTED = ("choices", "rows", "things", "groups")  # lists of what has a label
NOTED = ("rich_text", "identity_sign", "slot_sign", "fee_sign")  # their label is a note for editors


class Native(str):
    """A text that stays Japanese on a page in another language; the page says so (`lang`)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text to translate. block: id of the block it stands in, "" of the form itself; where: for people."""

    source: str
    block: str
    where: str
    is_rich: bool = False
    is_block: bool = False  # plain, of several lines


Change = Callable[[Text], str]


def texts_of(definition: FormDefinition) -> list[Text]:
    """Every text of the form that a resident reads, each once, in the order of the form."""
    found: dict[str, Text] = {}

    def note(text: Text) -> str:
        found.setdefault(text.source, text)
        return text.source

    _changed(definition, note)
    return list(found.values())


def translated(definition: FormDefinition, language: str) -> FormDefinition:
    """The form as it is read in the language; what has no translation is Native. Keys and values stay the same."""
    said = definition.translations.get(language, {})
    return _changed(definition, lambda text: said.get(text.source) or Native(text.source))


def _changed(definition: FormDefinition, change: Change) -> FormDefinition:
    def of_form(text: str, where: str, *, is_rich: bool = False, is_block: bool = False) -> str:
        return change(Text(text, "", where, is_rich, is_block)) if text else text

    return replace(
        definition,
        title=of_form(definition.title, "手続の名前"),
        steps=tuple(_step(step, change) for step in definition.steps),
        after=of_form(definition.after, "完了画面の案内", is_rich=True),
        mails={
            name: {
                "subject": of_form(said["subject"], "メールの件名"),
                "body": of_form(said["body"], f"メール「{said['subject']}」の本文", is_block=True),
            }
            for name, said in definition.mails.items()
        },
    )


def _step(step: StepDef, change: Change) -> StepDef:
    where = f"画面「{step.title}」"
    return replace(
        step,
        title=change(Text(step.title, step.key, where)) if step.title else "",
        intro=change(Text(step.intro, step.key, f"{where}の説明", is_rich=True)) if step.intro else "",
        fields=tuple(_field(item, change, where) for item in step.fields),
    )


def _field(item: FieldDef, change: Change, inside: str) -> FieldDef:
    where = f"{inside} › {item.label}" if item.label else inside

    def of(text: str, what: str = "", *, is_rich: bool = False) -> str:
        return change(Text(text, item.key, f"{where}{what}", is_rich)) if text else text

    return replace(
        item,
        label=item.label if item.type in NOTED else of(item.label),
        help=of(item.help, "の説明"),
        options=dict(_options(item.options, of)),
        rules=tuple(Rule(rule.holds, of(rule.message, "の入力規則")) for rule in item.rules),
        fields=tuple(_field(inner, change, where) for inner in item.fields),
    )


def _options(options: Mapping[str, Any], of: Callable[..., str]) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if name in LISTED and isinstance(value, list):
            yield name, [dict(_listed(option, of)) for option in value]
        elif name in PLAIN and isinstance(value, str):
            yield name, of(value)
        elif name in RICH and isinstance(value, str):
            yield name, of(value, "の文章", is_rich=True)
        else:
            yield name, value


def _listed(option: Mapping[str, Any], of: Callable[..., str]) -> Iterator[tuple[str, Any]]:
    for name, value in option.items():
        if name == "label":
            yield name, of(value, "の選択肢")
        elif name in LISTED:
            yield name, [dict(_listed(inner, of)) for inner in value]
        else:
            yield name, value
