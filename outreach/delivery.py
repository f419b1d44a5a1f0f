"""What became of mails, in words for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.dateformat import format as formatted
from django.utils.timezone import localtime

from applications.models import Application, Delivery, DeliveryState
from cms.access import MAY_READ_MESSAGES, AnyUser, departments_for
from formbuilder.mails import mails
from outreach.models import TROUBLE, Message, MessageState


def readable(user: AnyUser) -> QuerySet[Message]:
    """The mails of applications that belong to the user's departments."""
    return Message.objects.filter(application__department__in=departments_for(user, MAY_READ_MESSAGES)).select_related(
        "application"
    )


def in_trouble(user: AnyUser) -> int:
    """How many mails of the user's departments failed or came back."""
    return readable(user).filter(state__in=TROUBLE).count()


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail on its way. is_trouble: somebody has to look."""

    message: Message
    words: str
    is_trouble: bool

    @property
    def label(self) -> str:
        mail = mails().get(self.message.template)
        return mail.label if mail else self.message.template


def moment(at: datetime | None) -> str:
    return formatted(localtime(at), "Y年n月j日 G時i分") if at else "－"


def sent_to(application: Application) -> list[Sent]:
    """Every mail of the application, newest first: two queries."""
    return told(application.messages.defer("body", "native_body"))


def told(messages: Iterable[Message]) -> list[Sent]:
    found = list(messages)
    states = {
        (event, subscriber): state
        for event, subscriber, state in Delivery.objects.filter(
            event__in=[message.event_id for message in found if message.state == MessageState.WAITING]
        ).values_list("event", "subscriber", "state")
    }
    return [_told(message, states.get((message.event_id, _sender(message)), "")) for message in found]


def _sender(message: Message) -> str:
    mail = mails().get(message.template)
    return mail.sender if mail else ""


def _told(message: Message, delivery: str) -> Sent:
    is_dead = message.state == MessageState.WAITING and delivery == DeliveryState.DEAD
    return Sent(message, _words(message, delivery), message.state in TROUBLE or is_dead)


def _words(message: Message, delivery: str) -> str:
    why = f"：{message.failure}" if message.failure else ""
    if message.state == MessageState.SENT:
        return f"{moment(message.sent_at)}に送信"
    if message.state == MessageState.BOUNCED:
        return f"{moment(message.bounced_at)}に、届かなかったと分かりました{why}"
    if message.state == MessageState.FAILED or delivery == DeliveryState.DEAD:
        return f"{message.attempts}回試しましたが、送れませんでした{why}"
    if delivery == DeliveryState.DELIVERED:
        return "送りませんでした（送る前に、期限が過ぎたか、用がなくなりました）"
    if message.attempts:
        return f"{message.attempts}回試しましたが、まだ送れていません。自動でもう一度送ります{why}"
    return "送信待ち"


def bounced_among(applications: Iterable[Application]) -> frozenset[int]:
    """Primary keys of those whose address sent a mail back: one query."""
    keys = [application.pk for application in applications]
    return frozenset(
        Message.objects.filter(state=MessageState.BOUNCED, application__in=keys).values_list("application", flat=True)
    )
