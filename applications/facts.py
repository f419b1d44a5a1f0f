"""What a list needs to know of an application without reading its answers: who, where to write, what to find it by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cms.folding import search_key
from formbuilder.definition import FieldDef
from formbuilder.engine import Engine
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.repeat import RepeatType

SEARCHED = frozenset({"full_name", "kana_name", "email", "phone", "text"})
LONGEST = 2000  # characters of search text kept


@dataclass(frozen=True, slots=True)
class Facts:
    applicant: str
    email: str
    search_text: str


def facts_of(engine: Engine, answers: Mapping[str, Any]) -> Facts:
    """Facts from the answers that count. Sensitive answers are never copied into the clear."""
    first: dict[str, str] = {}
    words: list[str] = []
    for item in engine.definition.fields():
        if item.key not in answers or item.sensitive:
            continue
        first.setdefault(item.type, engine.fields[item.key].type.display(item, answers[item.key]))
        words += _words(item, answers[item.key])
    return Facts(
        applicant=(first.get("full_name") or first.get("kana_name") or "")[:200],
        email=first.get("email", "")[:254],
        search_text=" ".join(words)[:LONGEST],
    )


def _words(item: FieldDef, answer: Any) -> Iterator[str]:
    """What an application is found by; who stands in a row of a group is found, but is not the applicant."""
    type_ = FIELD_TYPES[item.type]
    if isinstance(type_, RepeatType):
        for inner, given in type_.given(item, answer):
            if not inner.sensitive:
                yield from _words(inner, given)
    elif item.type in SEARCHED:
        key = search_key(type_.display(item, answer))
        yield key
        if item.type == "phone":
            yield key.replace("-", "")
