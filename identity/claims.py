"""What was verified (氏名・住所・生年月日・性別), as answers to a form's items, and whether an answer agrees."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from cms.folding import search_key
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.japanese import Refused
from formbuilder.japanese.address import take_apart
from formbuilder.japanese.text import clean_line
from formbuilder.japanese.wareki import DateRefused, parse_date
from identity.requirement import FEMALE, MALE

LONGEST = 500  # characters of a claim
_LOT = re.compile("丁目|番地の|番地|番(?!町)|号|の|[‐‑‒–—―−ー]")


def text_of(raw: Any) -> str:
    """A claim as received, in one clean line; "" when it is none. Samples differ: an address may be an object."""
    if isinstance(raw, Mapping):
        raw = raw.get("formatted", "")
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    return clean_line(raw)[:LONGEST] if isinstance(raw, str) else ""


def answer_to(claim: str, text: str, field: FieldDef) -> Any | None:
    """The answer that the claim gives to the item; None when it cannot be put there."""
    type_ = FIELD_TYPES[field.type]
    if claim == "birthdate":  # also one that the form's own limits refuse: it is how it is
        day = day_of(text)
        return day.isoformat() if day else None
    try:
        answer = type_.normalise(field, _boxes(claim, text, field))
    except Refused:
        return None
    return answer


def _boxes(claim: str, text: str, field: FieldDef) -> Any:
    if field.type == "full_name":
        family, _, given = re.sub(r"\s+", " ", text).partition(" ")
        return {"family": family, "given": given}
    if field.type == "address":
        parts = take_apart(text)
        return parts._asdict() if parts else {}
    if claim == "gender":
        sex = _sex(text)
        if field.type == "choice":
            return next((choice["value"] for choice in field.options["choices"] if sex & set(choice.values())), "")
        return {MALE: "男性", FEMALE: "女性"}.get(sex, "")
    return text


def _sex(text: str) -> frozenset[str]:
    """Every word for the sex that the text names; none when it names none."""
    return next((words for words in (MALE, FEMALE) if text.lower() in words), frozenset())


def day_of(text: str) -> date | None:
    """YYYYMMDD, with or without hyphens, or a date as people write it."""
    if re.fullmatch("[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return parse_date(text)
    except DateRefused:
        return None


def agrees(claim: str, text: str, field: FieldDef, answer: Any) -> bool:
    """Whether the resident's own answer says the same. A register writes 髙, its owner 高: that is no difference."""
    if claim == "birthdate":
        day = day_of(text)
        return day is not None and answer == day.isoformat()
    if claim == "gender":
        return answer is not None and answer == answer_to(claim, text, field)
    return _key(claim, text) == _key(claim, _plain(field, answer))


def agrees_but_for(marks: str, text: str, field: FieldDef, answer: Any) -> bool:
    """Whether a name is the same where its characters are its own. marks: of each character, "0" where it is.

    What stands for another character says nothing about that one.
    """
    if len(marks) != len(text):
        return False
    known = [(search_key(char), mark) for char, mark in zip(text, marks, strict=True) if not char.isspace()]
    typed = [key for char in _plain(field, answer) if (key := search_key(char))]
    return len(known) == len(typed) and all(
        mark != "0" or key == other for (key, mark), other in zip(known, typed, strict=True)
    )


def _plain(field: FieldDef, answer: Any) -> str:
    if field.type == "address" and isinstance(answer, Mapping):
        return "".join(str(answer.get(part, "")) for part in ("prefecture", "city", "town", "building"))
    return FIELD_TYPES[field.type].display(field, answer)


def _key(claim: str, text: str) -> str:
    key = search_key(text)
    return _LOT.sub("-", key).replace("--", "-").rstrip("-") if claim == "address" else key
