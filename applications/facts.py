"""What a list needs to know of an application without reading its answers: who, where to write, what to find it by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cms.folding import search_key
from formbuilder.engine import Engine

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
    words = []
    for item in engine.definition.fields():
        if item.key not in answers or item.sensitive:
            continue
        text = engine.fields[item.key].type.display(item, answers[item.key])
        first.setdefault(item.type, text)
        if item.type in SEARCHED:
            words.append(search_key(text))
            if item.type == "phone":
                words.append(search_key(text).replace("-", ""))
    return Facts(
        applicant=(first.get("full_name") or first.get("kana_name") or "")[:200],
        email=first.get("email", "")[:254],
        search_text=" ".join(words)[:LONGEST],
    )
