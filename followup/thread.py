"""メッセージ as the resident reads them: no names of staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applications.models import Application
from applications.vault import VaultError
from dialogue.messages import may_answer, text_of
from dialogue.models import Letter, LetterFile
from followup.words import UNREADABLE


@dataclass(frozen=True, slots=True)
class Shown:
    is_from_office: bool
    at: datetime
    text: str
    files: list[LetterFile]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """For the page of the application. unread: messages of the department."""

    count: int
    unread: int
    may_write: bool


def thread_of(application: Application, letters: Sequence[Letter]) -> list[Shown]:
    return [
        Shown(
            is_from_office=letter.is_from_office,
            at=letter.at,
            text=_text(letter, application),
            files=list(letter.files.all()),
            is_new=letter.is_from_office and letter.read_at is None,
        )
        for letter in letters
    ]


def _text(letter: Letter, application: Application) -> str:
    try:
        return text_of(letter, application)
    except VaultError:
        return _(UNREADABLE)


def summary_of(application: Application) -> Summary | None:
    """None where there is nothing to read and nothing to write."""
    sides = list(application.letters.values_list("is_from_office", "read_at"))
    unread = sum(is_from_office and read_at is None for is_from_office, read_at in sides)
    summary = Summary(len(sides), unread, may_answer(application))
    return summary if summary.count or summary.may_write else None
