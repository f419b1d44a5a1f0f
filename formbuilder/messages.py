"""What an item can tell the resident who gets it wrong: found by giving it what it cannot take."""

from collections.abc import Collection, Iterator
from typing import Any

from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.japanese import Refused

WRONG = (
    "x",
    "あ",
    "漢字",
    "-1",
    "0",
    "1",
    "99999999999",
    "1.23456",
    "12",
    "2999-01-01",
    "1800-01-01",
    "a@",
    "090",
    "長" * 6_000,
)
WRONG_DATES = {"era": "西暦", "year": "2999", "month": "2", "day": "31"}


def messages_by_step(definition: FormDefinition) -> list[tuple[StepDef, list[tuple[FieldDef, list[str]]]]]:
    """Each screen with its items that have anything to say; the items of rows after their group."""
    return [
        (step, [(each, said) for item in step.fields for each in (item, *item.fields) if (said := messages_of(each))])
        for step in definition.steps
    ]


def messages_of(item: FieldDef) -> list[str]:
    """Every sentence that the item may answer with, each once; none of an item that is not asked."""
    type_ = FIELD_TYPES[item.type]
    if not type_.is_input or not type_.is_asked:
        return []
    needed = [type_.missing_message(item)] if item.required else []
    rules = [rule.message for rule in item.rules]
    return list(dict.fromkeys([*needed, *_refusals(item, type_), *rules]))


def _refusals(item: FieldDef, type_: FieldType) -> Iterator[str]:
    if type_.takes_files or type_.has_rows:
        return  # of files the scanner decides; of rows, the items inside say their own
    for raw in _wrong(type_, type_.parts_of(item)):
        try:
            type_.normalise(item, raw)
        except Refused as refused:
            for each in getattr(refused, "each", (refused,)):
                yield each.message


def _wrong(type_: FieldType, parts: Collection[str]) -> Iterator[Any]:
    if parts:
        for text in WRONG:
            yield dict.fromkeys(parts, text)
        for part in parts:
            yield {part: "12"}
            yield {part: "あ"}
        yield {part: text for part, text in WRONG_DATES.items() if part in parts}
    elif type_.multiple:
        yield from ([text] for text in WRONG)
    else:
        yield from WRONG
