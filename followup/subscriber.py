"""Writes the mails of this app, and takes back what a draft that expired leaves in mails."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.expiry import expires_at
from applications.models import Event
from applications.status import EDITABLE, Action
from followup import codes, expiring, letters, resuming
from followup.addresses import address_of
from followup.letters import CODE, LINK
from followup.models import Code, Purpose, ResumeLink
from formbuilder.mails import Mail
from outreach.mail import concealed, send, write
from outreach.models import Message
from outreach.words import day, moment

INSPECTED = "inspection_decided"  # recorded by identity
DECISIONS = frozenset({str(Action.APPROVE), str(Action.REJECT)})
GONE = "（下書きの期限が過ぎたため、消しました）"


class FollowupMail:
    name = letters.SENDER
    kinds: ClassVar = DECISIONS | {
        *(codes.ASKED, resuming.ASKED, expiring.EXPIRING, INSPECTED),
        *(str(Action.WITHDRAW), str(Action.EXPIRE)),
    }

    def deliver(self, event: Event) -> None:
        if event.kind == codes.ASKED:
            self._code(event)
        elif event.kind in (resuming.ASKED, expiring.EXPIRING):
            self._link(event)
        elif event.kind == INSPECTED:
            self._inspected(event)
        elif event.kind == Action.WITHDRAW:
            self._withdrawn(event)
        elif event.kind in DECISIONS:
            self._decided(event)
        else:
            self._expired(event)

    def _code(self, event: Event) -> None:
        """Only while it can be used, and to the address it was made for."""
        code = Code.objects.filter(pk=event.data["code"]).first()
        address = address_of(event.application)
        if code is None or not codes.is_open(code) or codes.digest_of_address(address) != code.address_digest:
            return
        digits = codes.digits_of(code)
        values = {CODE: concealed(digits, CODE), "有効な分数": str(int(codes.LIFE.total_seconds() // 60))}
        mail = letters.CODE_ADDRESS if code.purpose == Purpose.ADDRESS else letters.CODE_STATUS
        send(write(event, mail, lambda: values, to=address), {CODE: digits})

    def _link(self, event: Event) -> None:
        link = ResumeLink.objects.filter(pk=event.data["link"], used_at=None).first()
        if link is None or event.application.status not in EDITABLE:
            return
        if event.kind == resuming.ASKED:
            _send_link(event, letters.RESUME, link, day)
        else:
            _send_link(event, letters.EXPIRING, link, moment)

    def _inspected(self, event: Event) -> None:
        """To who left an address: the draft can go on, or needs another try."""
        link = resuming.link_for_news(event.application)
        if link is not None:
            _send_link(event, letters.INSPECTED[event.data["state"]], link, day)

    def _withdrawn(self, event: Event) -> None:
        application = event.application
        if application.email:

            def values() -> dict[str, str]:
                return {"取下げ日時": moment(event.at), "受付番号": application.reference or _("なし")}

            send(write(event, letters.WITHDRAWN, values))

    def _decided(self, event: Event) -> None:
        """That there is a decision, and where it can be read; not which, unless the editor says it."""
        if event.application.email:
            link = f"{settings.BASE_URL}{reverse('status')}"
            mail = letters.APPROVED if event.kind == Action.APPROVE else letters.REJECTED
            send(write(event, mail, lambda: {"アドレス": link}))

    def _expired(self, event: Event) -> None:
        """The answers of the draft are gone; so is the address they were followed by."""
        if event.application.received_at is None:
            Message.objects.filter(application=event.application).update(to="", body=GONE, native_body="")


def _send_link(event: Event, mail: Mail, link: ResumeLink, written: Callable[[datetime], str]) -> None:
    address = resuming.url_of(link, event.application.form.code)
    until = timezone.localtime(expires_at(event.application))
    values = {LINK: concealed(address, LINK)}
    send(write(event, mail, lambda: {**values, "期限": written(until)}, to=link.to), {LINK: address})
