"""Whom the desk put on the list is told by the desk: who is still to be called, and what came of a call."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from reservations.again import again
from reservations.models import BY_DESK, Calendar, State, Wait, WaitingEntry
from reservations.refusals import OfferGone
from reservations.waiting.entries import can_be_taken, locked
from reservations.waiting.events import NOT_REACHED, REACHED, tell_wait
from staff.models import User


def to_call(calendars: Iterable[Calendar]) -> list[WaitingEntry]:
    """Who has not heard yet of what is kept for them; whose time ends first is first."""
    now = timezone.now()
    offered = WaitingEntry.objects.filter(
        calendar__in=calendars, state=Wait.OFFERED, reached=False, application__channel__in=BY_DESK
    )
    related = ("application__version", "slot__venue", "calendar", "booking")
    return [
        entry
        for entry in offered.select_related(*related).order_by("offered_until", "pk")
        if can_be_taken(entry, now) and entry.booking is not None and entry.booking.state == State.HOLD
    ]


@again
@transaction.atomic(durable=True)
def note_call(*, entry_id: int, actor: User, reached: bool) -> WaitingEntry:
    """Staff called about what is offered. reached: whether the person has heard of it. Raises OfferGone."""
    entry = locked(entry_id)
    now = timezone.now()
    if entry.state != Wait.OFFERED or not entry.is_of_the_desk or not can_be_taken(entry, now):
        raise OfferGone
    if reached and entry.reached:
        return entry  # a double tap
    entry.called_at, entry.reached = now, reached
    entry.save(update_fields=["called_at", "reached"])
    tell_wait(entry, REACHED if reached else NOT_REACHED, actor=actor)
    return entry
