"""The mails about corrections and documents, and what ends with the application."""

from typing import ClassVar

from django.conf import settings
from django.urls import reverse

from applications.models import Application, Event
from applications.status import Action
from dialogue.corrections import give_up, open_correction_of
from dialogue.documents import ISSUED, TAKEN_BACK
from dialogue.jobs import DUE
from dialogue.models import IssuedDocument
from outreach.mail import send, write

TEMPLATES: dict[str, str] = {
    Action.RETURN: "dialogue_returned",
    DUE: "dialogue_due",
    Action.RESUBMIT: "dialogue_resubmitted",
    Action.EXPIRE: "dialogue_expired",
    ISSUED: "dialogue_document",
    TAKEN_BACK: "dialogue_document_taken_back",
}


class DialogueMail:
    """What is to be corrected, or issued, is not in the mail: it can tell what was applied for, and why."""

    name = "dialogue"
    kinds: ClassVar = frozenset({str(kind) for kind in TEMPLATES} | {str(Action.WITHDRAW)})

    def deliver(self, event: Event) -> None:
        application = event.application
        if event.kind in (Action.WITHDRAW, Action.EXPIRE):
            give_up(application.pk)
        if event.kind not in TEMPLATES or not application.email or application.received_at is None:
            return
        if event.kind == ISSUED and not _is_news(event):
            return
        correction = open_correction_of(application)
        if event.kind in (Action.RETURN, DUE) and correction is None:
            return  # mended meanwhile
        send(write(event, TEMPLATES[event.kind], _context(application, correction and correction.due_on)))


def _is_news(event: Event) -> bool:
    """Not where another mail leads to the page, nor when the document was taken back before anybody was told."""
    standing = IssuedDocument.objects.filter(pk=event.data["document"], taken_back_at=None)
    return bool(event.data["tells"]) and standing.exists()


def _context(application: Application, due_on: object) -> dict[str, object]:
    return {
        "title": application.version.engine.definition.title,
        "department": application.department,
        "due_on": due_on,
        "link": f"{settings.BASE_URL}{reverse('status')}",
    }
