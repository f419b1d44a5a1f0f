"""What the ledger says of who comes, beside the name: read from the answers, sealed ones left alone."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from applications.models import Application
from applications.vault import is_sealed
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.repeat import RepeatType
from reservations.asking import requirement_of


class Told(NamedTuple):
    kana: str = ""
    phone: str = ""


def told_of(application: Application) -> Told:
    """The applicant's: the first kana and the first telephone number that were answered; "" where there is none."""
    answers = application.answers
    items = application.version.engine.definition.fields()
    return _told((item, answers[item.key]) for item in items if item.key in answers)


def told_of_others(application: Application) -> list[Told]:
    """Of those who come along: one for each row of the group that the form books for, in their order."""
    required = requirement_of(application)
    rows = required["rows"] if required else None
    if not rows:
        return []
    group = application.version.engine.fields[rows["key"]].definition
    type_, answer = FIELD_TYPES[group.type], application.answers.get(group.key)
    if not isinstance(type_, RepeatType) or not isinstance(answer, list):  # a sealed one is none
        return []
    return [_told(type_.given(group, [row])) for row in answer]


def _told(answered: Iterable[tuple[FieldDef, Any]]) -> Told:
    found: dict[str, str] = {}
    for item, answer in answered:
        if item.type in ("kana_name", "phone") and answer and not is_sealed(answer):
            found.setdefault(item.type, FIELD_TYPES[item.type].display(item, answer))
    return Told(found.get("kana_name", ""), found.get("phone", ""))
