"""交付文書: issued to a case, seen and downloaded by its resident, taken back when it was a mistake; all of it in the
history."""

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import PUBLIC_ID, Application
from dialogue.files import fill, store
from dialogue.models import IssuedDocument
from staff.models import User

ISSUED, SEEN, OPENED, TAKEN_BACK = "document_issued", "document_seen", "document_opened", "document_taken_back"
PDF = "application/pdf"


class NotArrived(Exception):
    """Nothing is issued to a draft."""


class Gone(Exception):
    """There is no such document, or it was taken back."""


@transaction.atomic
def issue_document(
    application: Application,
    actor: User | None,
    title: str,
    content: bytes,
    *,
    name: str = "",
    content_type: str = PDF,
    tells: bool = True,
) -> IssuedDocument:
    """Hand a document out to the resident; the same one under the same title is handed out once.

    actor: None for the program; content: checked already, if it came from outside; name: of the file, the title if
    empty; tells: whether the resident gets a mail about it (not where another mail leads to the page anyway).
    Raises NotArrived.
    """
    case = lock(application.pk)
    if case.received_at is None:
        raise NotArrived
    made = IssuedDocument(application=case, title=title, issued_by=actor, issued_at=timezone.now())
    fill(made, name=name or f"{title}.pdf", content_type=content_type, content=content)
    standing = IssuedDocument.objects.filter(application=case, taken_back_at=None, title=title, sha256=made.sha256)
    if (same := standing.first()) is not None:
        return same  # the second tap of a double tap
    store(made, content)
    told = {"document": made.pk, "sha256": made.sha256, "tells": tells, "sentence": f"文書「{title}」を交付しました"}
    record(case, ISSUED, actor=actor, data=told)
    return made


def standing_of(application: Application) -> list[IssuedDocument]:
    """What was issued and not taken back, oldest first."""
    return list(application.documents.filter(taken_back_at=None))


def show_to_resident(application: Application) -> list[IssuedDocument]:
    """Everything that was issued, as the resident's page lists it; what is shown for the first time is recorded."""
    documents = list(application.documents.all())
    new = [each.pk for each in documents if each.seen_at is None and each.taken_back_at is None]
    if new:
        _see(application, new)
    return documents


@transaction.atomic
def _see(application: Application, new: list[int]) -> None:
    lock(application.pk)
    unseen = list(IssuedDocument.objects.filter(pk__in=new, seen_at=None))
    IssuedDocument.objects.filter(pk__in=[each.pk for each in unseen]).update(seen_at=timezone.now())
    for each in unseen:
        told = {"document": each.pk, "sentence": f"文書「{each.title}」のお知らせを見ました"}
        record(application, SEEN, data=told)


@transaction.atomic
def open_document(application: Application, public_id: str, *, actor: User | None = None) -> IssuedDocument:
    """For a download; actor: the member of staff, None for the resident. Raises Gone.

    Staff also open what was taken back: it is part of the record.
    """
    case = lock(application.pk)
    found = case.documents.filter(public_id=public_id).first() if PUBLIC_ID.fullmatch(public_id) else None
    if found is None or (actor is None and found.taken_back_at is not None):
        raise Gone
    if actor is None and found.opened_at is None:
        found.opened_at = timezone.now()
        found.save(update_fields=["opened_at"])
    record(case, OPENED, actor=actor, data={"document": found.pk, "sentence": f"文書「{found.title}」を開きました"})
    return found


@transaction.atomic
def take_back(application: Application, public_id: str, *, actor: User, reason: str) -> IssuedDocument:
    """取り消す: the resident sees that it was, and why, and cannot open it any more. Raises Gone."""
    case = lock(application.pk)
    found = case.documents.filter(public_id=public_id, taken_back_at=None).first()
    if found is None:
        raise Gone
    found.taken_back_by, found.taken_back_at, found.taken_back_reason = actor, timezone.now(), reason
    found.save(update_fields=["taken_back_by", "taken_back_at", "taken_back_reason"])
    told = {"document": found.pk, "reason": reason, "sentence": f"文書「{found.title}」の交付を取り消しました"}
    record(case, TAKEN_BACK, actor=actor, data=told)
    return found
