"""Answers of an application in the clear. The one place that seals and opens them."""

from collections.abc import Mapping
from typing import Any

from applications.models import Application
from applications.vault import is_sealed, open_sealed, seal
from formbuilder.engine import Engine


def opened(application: Application) -> dict[str, Any]:
    """key -> answer, every sealed one opened. Raises VaultError."""
    return _open(application.answers, application.public_id)


def opened_unfinished(application: Application) -> dict[str, Any]:
    """key -> what was typed into the boxes of an item and could not be taken."""
    return _open(application.unfinished, application.public_id)


def sealed(engine: Engine, public_id: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What may be written to the database: answers to sensitive items sealed, all others as they are."""
    return {
        key: seal(answer, public_id, key) if _is_sensitive(engine, key) else answer for key, answer in answers.items()
    }


def resealed(engine: Engine, application: Application, answers: Mapping[str, Any]) -> dict[str, Any]:
    """`sealed`, in which an answer that has not changed keeps the bytes it has in the row."""
    before = opened(application)
    changed = {key: answer for key, answer in answers.items() if key not in before or before[key] != answer}
    same = {key: application.answers[key] for key in answers if key not in changed}
    return same | sealed(engine, application.public_id, changed)


def _is_sensitive(engine: Engine, key: str) -> bool:
    """A list of file ids says nothing: files are protected where they lie."""
    field = engine.fields.get(key)
    return field is not None and field.definition.holds_sensitive and not field.type.takes_files


def _open(stored: Mapping[str, Any], public_id: str) -> dict[str, Any]:
    return {key: open_sealed(answer, public_id, key) if is_sealed(answer) else answer for key, answer in stored.items()}
