"""メッセージ: every change of what the department and the resident write to each other, one function each."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import PUBLIC_ID, Application
from applications.services import nothing_unread, wait_to_be_read
from applications.status import ENDED, Status
from applications.vault import open_sealed, seal
from dialogue.files import fill_from, store, storing
from dialogue.models import Letter, LetterFile
from formbuilder.uploads.inspect import CheckedFile
from formbuilder.uploads.policy import FILE_KINDS, MEGABYTE, UploadPolicy
from staff.models import User

SENT, RECEIVED, READ = "letter_sent", "letter_received", "letter_read"
LONGEST = 2000  # characters
MOST_FILES = 5  # of a letter
MOST_UNSENT = 20  # files of an application that no letter has taken yet
POLICY = UploadPolicy(FILE_KINDS, 10 * MEGABYTE)
ORIGIN = "letter"  # for the quarantine
OVER = ENDED | {Status.REJECTED}
ANSWER_DAYS = 30  # that a letter of the department can be answered after the end
UNSENT = timedelta(days=1)
BATCH = 200


class Closed(Exception):
    """The application has come to an end, or has not arrived."""


def may_answer(application: Application) -> bool:
    """Whether the resident may write: as long as the case is open, and afterwards who was asked something lately."""
    if application.received_at is None:
        return False
    if application.status not in OVER:
        return True
    since = timezone.now() - timedelta(days=ANSWER_DAYS)
    return application.letters.filter(is_from_office=True, at__gte=since).exists()


def letters_of(application: Application) -> list[Letter]:
    """Oldest first, with authors and files: two queries."""
    return list(application.letters.select_related("author").prefetch_related("files"))


def text_of(letter: Letter, application: Application) -> str:
    """Raises VaultError."""
    return str(open_sealed(letter.text, application.public_id, f"letter.{letter.public_id}"))


def write(application: Application, *, actor: User, text: str, token: str, files: Sequence[CheckedFile] = ()) -> Letter:
    """From the department. What the resident had written counts as read: it has been answered. Raises Closed."""
    with storing() as stored:
        case = lock(application.pk)
        if case.received_at is None:
            raise Closed
        if (same := _same(case, token)) is not None:
            return same
        letter = _write(case, token, text, actor)
        for checked in files:
            stored.append(_store(LetterFile(application=case, letter=letter, token=token), checked))
        _mark_read(case)
        record(case, SENT, actor=actor, data={"letter": letter.pk, "sentence": "申請者にメッセージを送りました"})
        return letter


def _store(row: LetterFile, checked: CheckedFile) -> LetterFile:
    fill_from(row, checked)
    store(row, checked.content)
    return row


@transaction.atomic
def answer(application: Application, *, text: str, token: str) -> Letter:
    """From the resident, with the files that were staged under the token. Raises Closed."""
    case = lock(application.pk)
    if (same := _same(case, token)) is not None:
        return same
    if not may_answer(case):
        raise Closed
    letter = _write(case, token, text, None)
    case.letter_files.filter(token=token, letter=None).update(letter=letter)
    wait_to_be_read(case.pk)
    record(case, RECEIVED, data={"letter": letter.pk, "sentence": "メッセージを送りました"})
    return letter


def was_sent(application: Application, token: str) -> bool:
    """Whether the resident's message has gone out already, as after the first tap of a double tap."""
    return application.letters.filter(public_id=token, is_from_office=False).exists()


def _same(case: Application, token: str) -> Letter | None:
    """What the first tap of a double tap sent."""
    return case.letters.filter(public_id=token).first()


def _write(case: Application, token: str, text: str, author: User | None) -> Letter:
    return Letter.objects.create(
        public_id=token,
        application=case,
        author=author,
        is_from_office=author is not None,
        text=seal(text, case.public_id, f"letter.{token}"),
        at=timezone.now(),
    )


@transaction.atomic
def read_at_the_desk(application: Application, *, actor: User) -> bool:
    """読んだ, and nothing has to be answered; False when there was nothing unread."""
    case = lock(application.pk)
    if not _mark_read(case):
        return False
    record(case, READ, actor=actor, data={"sentence": "メッセージを読みました"})
    return True


def _mark_read(case: Application) -> int:
    nothing_unread(case.pk)
    return case.letters.filter(is_from_office=False, read_at=None).update(read_at=timezone.now())


def read_by_resident(letters: Iterable[Letter]) -> None:
    """What the page shows counts as read."""
    new = [letter.pk for letter in letters if letter.is_from_office and letter.read_at is None]
    if new:
        Letter.objects.filter(pk__in=new, read_at=None).update(read_at=timezone.now())


def staged(application: Application, token: str) -> list[LetterFile]:
    return list(application.letter_files.filter(token=token, letter=None))


def stage(application: Application, *, token: str, checked: CheckedFile) -> bool:
    """Keep a checked file for the letter that is being typed; False when there are too many. Raises Closed."""
    with storing() as stored:
        case = lock(application.pk)
        if not may_answer(case) or _same(case, token) is not None:
            raise Closed
        mine = staged(case, token)
        if any(file.sha256 == checked.sha256 for file in mine):
            return True
        if len(mine) >= MOST_FILES or case.letter_files.filter(letter=None).count() >= MOST_UNSENT:
            return False
        stored.append(_store(LetterFile(application=case, token=token), checked))
        return True


@transaction.atomic
def unstage(application: Application, *, token: str, public_id: str) -> None:
    if PUBLIC_ID.fullmatch(public_id):
        _drop(application.letter_files.filter(token=token, public_id=public_id, letter=None))


def forget_unsent() -> int:
    """Remove files of letters that were never sent (WORKER_JOBS); how many."""
    old = LetterFile.objects.filter(letter=None, created_at__lt=timezone.now() - UNSENT).order_by("pk")[:BATCH]
    with transaction.atomic():
        return _drop(old)


def _drop(files: Iterable[LetterFile]) -> int:
    """Rows now, those that no letter has taken meanwhile; files once that is certain."""
    gone = 0
    for file in files:
        if LetterFile.objects.filter(pk=file.pk, letter=None).delete()[0]:
            transaction.on_commit(partial(file.file.storage.delete, str(file.file.name)))
            gone += 1
    return gone
