"""How long filling in takes, from what is asked: a first guess for the guide page, which the editor may correct."""

import math

from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.fields import FIELD_TYPES

READING = 400  # characters a minute, of those who read on a phone
A_SCREEN = 8  # seconds, to find one's way on it
AN_ITEM = 12
SECONDS = {
    "address": 35,
    "bank_account": 60,
    "choice": 6,
    "choices": 10,
    "consent": 4,
    "date": 12,
    "email": 18,
    "file": 60,
    "full_name": 10,
    "goods": 25,
    "kana_name": 12,
    "linked": 12,
    "listed": 15,
    "matrix": 20,
    "number": 6,
    "phone": 12,
    "photo": 45,
    "signature": 20,
    "text": 12,
    "textarea": 45,
    "yes_no": 4,
}
SOMETIMES = 0.5  # share of those who meet an item, or a screen, that has a condition


def minutes(definition: FormDefinition) -> int:
    """At least 1."""
    seconds = 0.0
    for step in definition.steps:
        items = sum(_seconds(item) for item in step.fields)
        seconds += (A_SCREEN + items) * (SOMETIMES if step.visible is not None else 1.0)
    return max(1, math.ceil(seconds / 60))


def _seconds(item: FieldDef) -> float:
    type_ = FIELD_TYPES[item.type]
    reading = 60 * len(item.label + item.help) / READING
    inside = sum(_seconds(inner) for inner in item.fields)
    asked = SECONDS.get(item.type, AN_ITEM) if type_.is_input and type_.is_asked and not item.fields else 0
    return (reading + inside + asked) * (SOMETIMES if item.visible is not None else 1.0)
