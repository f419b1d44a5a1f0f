"""Hears what becomes of an application, and claims, closes and sends back accordingly. May hear everything twice."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from applications.lifecycle import NotAllowed, advance, lock, move
from applications.models import Application, Event
from applications.status import Action, Status
from payments import claiming, events
from payments.correcting import corrected
from payments.fees import balance_of, ensure_fee, fee_of, requirement_of
from payments.paying import close_pages

SLOT_LOST, SLOT_CANCELLED = "slot_lost", "slot_cancelled"  # recorded by reservations
NO_PLACE = "お支払いのあいだに枠が埋まり、ほかに席がないため"


class PaymentSubscriber:
    name = "payments"
    ends: ClassVar = frozenset({str(Action.WITHDRAW), str(Action.EXPIRE), str(Action.REJECT)})
    kinds: ClassVar = (
        frozenset(
            {
                str(Action.DECLARE),
                str(Action.APPROVE),
                str(Action.RESUBMIT),
                SLOT_LOST,
                SLOT_CANCELLED,
                events.PAID,
                events.CHANGED,
            }
        )
        | ends
    )

    def concerns(self, event: Event) -> bool:
        """Most forms cost nothing."""
        return requirement_of(event.application) is not None

    def deliver(self, event: Event) -> None:
        pk = event.application_id
        if event.kind == Action.DECLARE:
            keep_fee(pk)
        elif event.kind == Action.APPROVE:
            ask_after_review(pk, event.at)
        elif event.kind == Action.RESUBMIT:
            corrected(pk)
        elif event.kind == SLOT_LOST:
            give_up(pk)
        elif event.kind == SLOT_CANCELLED:
            claiming.booking_cancelled(pk)
        elif event.kind in self.ends:
            claiming.end(pk, event.kind, event.before, no_place=event.data.get("no_place", ""))
            close_pages(pk)
        else:
            advance(pk)
            close_pages(pk, but_for=_due(event.application))


def _due(application: Application) -> int:
    fee = fee_of(application)
    return balance_of(fee).due if fee else 0


@transaction.atomic
def keep_fee(application_id: int) -> None:
    ensure_fee(lock(application_id))


@transaction.atomic
def ask_after_review(application_id: int, approved_at: datetime) -> None:
    application = lock(application_id)
    fee = ensure_fee(application)
    is_asked = fee is not None and fee.asked_at is not None and fee.asked_at >= approved_at
    if fee is not None and not is_asked and application.status == Status.APPROVED:
        claiming.ask(application, fee)


@transaction.atomic
def give_up(application_id: int) -> None:
    """Paid, and no place is left: the application is taken back for the resident, and all of the money goes back."""
    application = lock(application_id)
    fee = fee_of(application)
    if fee is None or not balance_of(fee).received:
        return
    try:
        move(application_id, Action.WITHDRAW, data={"reason": NO_PLACE, "no_place": NO_PLACE})
    except NotAllowed:  # it has ended, or been decided, since: staff see it in the history
        return
