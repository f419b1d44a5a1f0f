"""The mails about corrections, documents and messages, and what ends with the application."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.urls import reverse

from applications.models import Event
from applications.status import Action
from dialogue import letters
from dialogue.corrections import give_up, open_correction_of
from dialogue.documents import ISSUED, TAKEN_BACK
from dialogue.jobs import DUE
from dialogue.messages import SENT
from dialogue.models import IssuedDocument, Letter
from formbuilder.mails import Mail
from outreach.mail import send, write
from outreach.words import day

MAILS: dict[str, Mail] = {
    Action.RETURN: letters.RETURNED,
    DUE: letters.DUE,
    Action.RESUBMIT: letters.RESUBMITTED,
    Action.EXPIRE: letters.EXPIRED,
    ISSUED: letters.DOCUMENT,
    TAKEN_BACK: letters.DOCUMENT_TAKEN_BACK,
    SENT: letters.MESSAGE,
}


class DialogueMail:
    """What is to be corrected, issued or said is not in the mail: it can tell what was applied for, and why."""

    name = letters.SENDER
    kinds: ClassVar = frozenset({str(kind) for kind in MAILS} | {str(Action.WITHDRAW)})

    def deliver(self, event: Event) -> None:
        application = event.application
        if event.kind in (Action.WITHDRAW, Action.EXPIRE):
            give_up(application.pk)
        if event.kind not in MAILS or not application.email or application.received_at is None:
            return
        if event.kind in (ISSUED, SENT) and not _is_news(event):
            return
        correction = open_correction_of(application)
        if event.kind in (Action.RETURN, DUE) and correction is None:
            return  # mended meanwhile
        due_on = correction.due_on if correction else None
        send(write(event, MAILS[event.kind], lambda: _values(due_on)))


def _is_news(event: Event) -> bool:
    """Not where another mail leads to the page, nor what was read, or taken back, before anybody was told."""
    if event.kind == SENT:
        return Letter.objects.filter(pk=event.data["letter"], read_at=None).exists()
    standing = IssuedDocument.objects.filter(pk=event.data["document"], taken_back_at=None)
    return bool(event.data["tells"]) and standing.exists()


def _values(due_on: date | None) -> Mapping[str, str]:
    return {"期限": day(due_on) if due_on else "", "アドレス": f"{settings.BASE_URL}{reverse('status')}"}
