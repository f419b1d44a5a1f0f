"""What the ledger says of the person who applied, beside the name: read from the answers, sealed ones left alone."""

from typing import Any, NamedTuple

from applications.models import Application
from applications.vault import is_sealed


class Told(NamedTuple):
    kana: str
    phone: str


def told_of(application: Application) -> Told:
    """The first kana and the first telephone number that were answered; "" where the form has none."""
    engine = application.version.engine
    found: dict[str, str] = {}
    for item in engine.definition.fields():
        answer: Any = application.answers.get(item.key)
        if item.type in ("kana_name", "phone") and answer and not is_sealed(answer):
            found.setdefault(item.type, engine.fields[item.key].type.display(item, answer))
    return Told(found.get("kana_name", ""), found.get("phone", ""))
