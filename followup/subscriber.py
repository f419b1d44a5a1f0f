"""Writes the mails of this app, and takes back what a draft that expired leaves in mails."""

from typing import ClassVar

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from applications.expiry import expires_at
from applications.models import Event
from applications.status import EDITABLE, Action
from followup import codes, expiring, resuming
from followup.addresses import address_of
from followup.models import Code, Purpose, ResumeLink
from outreach.mail import concealed, send, write
from outreach.models import Message

INSPECTED = "inspection_decided"  # recorded by identity
DECISIONS = frozenset({str(Action.APPROVE), str(Action.REJECT)})
CODE, LINK = "確認コード", "リンク"
GONE = "（下書きの期限が過ぎたため、消しました）"


class FollowupMail:
    name = "followup"
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
        context = {
            **_context(event),
            "code": concealed(digits, CODE),
            "minutes": int(codes.LIFE.total_seconds() // 60),
        }
        template = "followup_code_address" if code.purpose == Purpose.ADDRESS else "followup_code_status"
        send(write(event, template, context, to=address), {CODE: digits})

    def _link(self, event: Event) -> None:
        link = ResumeLink.objects.filter(pk=event.data["link"], used_at=None).first()
        if link is None or event.application.status not in EDITABLE:
            return
        address = resuming.url_of(link, event.application.form.code)
        until = timezone.localtime(expires_at(event.application))
        context = {**_context(event), "link": concealed(address, LINK), "until": until}
        template = "followup_resume" if event.kind == resuming.ASKED else "followup_expiring"
        send(write(event, template, context, to=link.to), {LINK: address})

    def _inspected(self, event: Event) -> None:
        """To who left an address: the draft can go on, or needs another try."""
        link = resuming.link_for_news(event.application)
        if link is not None:
            address = resuming.url_of(link, event.application.form.code)
            until = timezone.localtime(expires_at(event.application))
            context = {
                **_context(event),
                "link": concealed(address, LINK),
                "state": event.data["state"],
                "until": until,
            }
            send(write(event, "followup_inspected", context, to=link.to), {LINK: address})

    def _withdrawn(self, event: Event) -> None:
        if event.application.email:
            send(write(event, "followup_withdrawn", {**_context(event), "at": event.at}))

    def _decided(self, event: Event) -> None:
        """That there is a decision, and where it can be read; not which: a mailbox is no proof of who reads it."""
        if event.application.email:
            link = f"{settings.BASE_URL}{reverse('status')}"
            send(write(event, "followup_decided", {**_context(event), "link": link}))

    def _expired(self, event: Event) -> None:
        """The answers of the draft are gone; so is the address they were followed by."""
        if event.application.received_at is None:
            Message.objects.filter(application=event.application).update(to="", body=GONE)


def _context(event: Event) -> dict[str, object]:
    application = event.application
    return {"title": application.version.engine.definition.title, "department": application.department}
