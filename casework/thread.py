"""メッセージ as a member of staff reads them."""

from dataclasses import dataclass

from applications.models import Application
from applications.vault import VaultError
from casework.access import HIDDEN
from casework.case import UNREADABLE, File
from casework.history import RESIDENT
from dialogue.messages import letters_of, text_of
from dialogue.models import Letter


@dataclass(frozen=True, slots=True)
class Shown:
    """One message. is_unread: of the resident, and nobody has read or answered it."""

    letter: Letter
    author: str
    text: str
    files: list[File]

    @property
    def is_unread(self) -> bool:
        return not self.letter.is_from_office and self.letter.read_at is None


def thread_of(application: Application, *, show_sensitive: bool) -> list[Shown]:
    """Oldest first. A message may say anything, so it is for those who may read what is sensitive."""
    return [_shown(letter, application, show_sensitive) for letter in letters_of(application)]


def _shown(letter: Letter, application: Application, show_sensitive: bool) -> Shown:
    author = RESIDENT if letter.author is None else letter.author.get_full_name() or letter.author.get_username()
    files = [File(file, show_sensitive) for file in letter.files.all()]
    return Shown(letter, author, _text(letter, application) if show_sensitive else HIDDEN, files)


def _text(letter: Letter, application: Application) -> str:
    try:
        return text_of(letter, application)
    except VaultError:
        return UNREADABLE
