"""Tells who waits, or takes part in a lottery, what came of it; to the address that was given then."""

from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse

from applications.models import Event
from outreach.mail import send, write
from reservations.lottery import events as lottery
from reservations.lottery.entering import slots_of
from reservations.models import LotteryEntry, Wait, WaitingEntry
from reservations.refusals import clock
from reservations.resident.links import token_of
from reservations.waiting import events as waiting
from reservations.waiting.entries import position


class ListMail:
    name = "list_mail"
    of_waiting: ClassVar = frozenset({waiting.JOINED, waiting.OFFERED, waiting.LAPSED, waiting.ENDED, waiting.REMOVED})
    of_lottery: ClassVar = frozenset({lottery.ENTERED, lottery.WON, lottery.RESERVE, lottery.LOST, lottery.VOID})
    kinds: ClassVar = of_waiting | of_lottery

    def deliver(self, event: Event) -> None:
        found = self._waiting(event) if event.kind in self.of_waiting else self._lottery(event)
        if found is None:
            return
        to, context = found
        application = event.application
        context |= {
            "title": application.version.engine.definition.title,
            "link": f"{settings.BASE_URL}{reverse('reservation-waiting', kwargs={'token': token_of(application)})}",
            "reason": event.data.get("reason", ""),
        }
        send(write(event, event.kind, context, to=to))

    def _waiting(self, event: Event) -> tuple[str, dict[str, Any]] | None:
        related = ("slot__venue", "calendar__department", "booking")
        entry = WaitingEntry.objects.select_related(*related).get(pk=event.data["waiting"])
        # what waited in the outbox until the offer was over would only raise false hopes
        if not entry.email or (event.kind == waiting.OFFERED and entry.state != Wait.OFFERED):
            return None
        return entry.email, {
            "entry": entry,
            "slot": entry.slot,
            "department": entry.calendar.department,
            "position": position(entry),
            "until": clock(entry.offered_until) if entry.offered_until else "",
            "hours": entry.calendar.waiting_hours,
        }

    def _lottery(self, event: Event) -> tuple[str, dict[str, Any]] | None:
        related = ("lottery__calendar__department", "booking__slot__venue")
        entry = LotteryEntry.objects.select_related(*related).get(pk=event.data["lottery_entry"])
        if not entry.email:
            return None
        public = reverse("lottery", kwargs={"pk": entry.lottery_id})
        return entry.email, {
            "entry": entry,
            "lottery": entry.lottery,
            "department": entry.lottery.calendar.department,
            "wishes": slots_of(entry),
            "slot": entry.booking.slot if entry.booking else None,
            "closes": clock(entry.lottery.closes_at),
            "public": f"{settings.BASE_URL}{public}",
            "hours": entry.lottery.calendar.waiting_hours,
        }
