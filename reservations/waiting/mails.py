"""Tells who waits, or takes part in a lottery, what came of it; to the address that was given then."""

from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application, Event
from cms.models import Department
from outreach.mail import send, write
from reservations.lottery.entering import slots_of
from reservations.models import LotteryEntry, Slot, Wait, WaitingEntry
from reservations.refusals import clock
from reservations.resident.links import token_of
from reservations.times import slot_when
from reservations.waiting import events as waiting
from reservations.waiting.entries import position
from reservations.waiting.letters import MAILS, SENDER

BY_KIND = {mail.name: mail for mail in MAILS}


class Told(NamedTuple):
    """values: in the language of the moment."""

    to: str
    department: Department
    values: Callable[[], Mapping[str, str]]


class ListMail:
    name = SENDER
    of_waiting: ClassVar = frozenset({waiting.JOINED, waiting.OFFERED, waiting.LAPSED, waiting.ENDED, waiting.REMOVED})
    kinds: ClassVar = frozenset(BY_KIND)

    def deliver(self, event: Event) -> None:
        told = self._waiting(event) if event.kind in self.of_waiting else self._lottery(event)
        if told is not None:
            values = told.values
            own = {"アドレス": _link(event.application), "理由": event.data.get("reason", "")}
            message = write(
                event, BY_KIND[event.kind], lambda: {**values(), **own}, department=told.department, to=told.to
            )
            send(message)

    def _waiting(self, event: Event) -> Told | None:
        related = ("slot__venue", "calendar__department", "booking")
        entry = WaitingEntry.objects.select_related(*related).get(pk=event.data["waiting"])
        # what waited in the outbox until the offer was over would only raise false hopes
        if not entry.email or (event.kind == waiting.OFFERED and entry.state != Wait.OFFERED):
            return None
        return Told(entry.email, entry.calendar.department, lambda: _of_entry(entry))

    def _lottery(self, event: Event) -> Told | None:
        related = ("lottery__calendar__department", "booking__slot__venue")
        entry = LotteryEntry.objects.select_related(*related).get(pk=event.data["lottery_entry"])
        if not entry.email:
            return None
        return Told(entry.email, entry.lottery.calendar.department, lambda: _of_lottery(entry))


def _link(application: Application) -> str:
    return f"{settings.BASE_URL}{reverse('reservation-waiting', kwargs={'token': token_of(application)})}"


def _of_slot(slot: Slot | None) -> dict[str, str]:
    if slot is None:
        return {}
    return {"日時": slot_when(slot), "会場": slot.venue.name, "会場の住所": slot.venue.address}


def _of_entry(entry: WaitingEntry) -> Mapping[str, str]:
    return {
        **_of_slot(entry.slot),
        "順番": str(position(entry) or ""),
        "期限": clock(entry.offered_until) if entry.offered_until else "",
        "時間": str(entry.calendar.waiting_hours),
    }


def _of_lottery(entry: LotteryEntry) -> Mapping[str, str]:
    wishes = (
        _("　第%(number)s希望　：%(slot)s") % {"number": number, "slot": f"{slot_when(slot)} {slot.venue}"}
        for number, slot in enumerate(slots_of(entry), start=1)
    )
    return {
        **_of_slot(entry.booking.slot if entry.booking else None),
        "抽選の名前": entry.lottery.name,
        "抽選番号": str(entry.number),
        "希望の日時": "\n".join(wishes),
        "申込みの締切": clock(entry.lottery.closes_at),
        "一覧のアドレス": f"{settings.BASE_URL}{reverse('lottery', kwargs={'pk': entry.lottery_id})}",
        "補欠の番号": str(entry.reserve or ""),
        "時間": str(entry.lottery.calendar.waiting_hours),
    }
