"""What is claimed, and every reason to claim another amount: an officer's, a withdrawal, a cancelled booking."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock
from applications.models import Application
from applications.status import Action, Status
from payments import events
from payments.fees import ENDED, balance_of, deadline, ensure_fee, fee_of, may_be_paid, requirement_of, revise
from payments.lifecycle import settle
from payments.models import Fee, Refund
from payments.pricing import Line, total_of
from payments.requirement import DECISION, REVIEW
from payments.status import REFUNDABLE
from staff.models import User

# Until when a withdrawal is refunded -> the states that it may then begin in; PENDING always is
REFUNDED_FROM = {
    REVIEW: frozenset({Status.SUBMITTED}),
    DECISION: frozenset({Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED}),
}
REASONS = {
    str(Action.WITHDRAW): "申請が取り下げられたため",
    str(Action.EXPIRE): "申請の期限が切れたため",
    str(Action.REJECT): "申請が不承認となったため",
}
CANCELLED = "予約が取り消されたため"


class Over(Exception):
    """The application has come to an end: nothing more is claimed for it."""


class TooMuch(Exception):
    """More than can go back; `most` is what can."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


@transaction.atomic
def change(application_id: int, lines: tuple[Line, ...], *, actor: User, reason: str) -> Fee | None:
    """手数料を改める: what was paid beyond it goes back, what is missing is asked for. None when nothing changed.

    Raises Over.
    """
    application = lock(application_id)
    fee = ensure_fee(application)
    assert fee is not None
    if application.status in ENDED:
        raise Over
    before = fee.total
    if not revise(fee, total_of(lines), reason=reason, actor=actor, lines=lines):
        return None
    events.tell(application, events.CHANGED, fee.total, before=before, actor=actor, reason=reason)
    settle(application, fee, reason=reason, actor=actor)
    ask(application, fee, reason=reason, is_additional=balance_of(fee).received > 0)
    return fee


def ask(application: Application, fee: Fee, *, reason: str = "", is_additional: bool = False) -> bool:
    """Ask the resident for what is due, if it is time to pay. The application's row is locked."""
    due = balance_of(fee).due
    if not due or not may_be_paid(application):
        return False
    if application.status != Status.PENDING:  # who has not arrived yet has the deadline of the declaration
        fee.due_by = deadline(application)
    fee.asked_at = timezone.now()
    fee.save(update_fields=["due_by", "asked_at"])
    events.tell(application, events.ASKED, due, reason=reason, additional=is_additional)
    return True


@transaction.atomic
def give_back(application_id: int, amount: int, *, actor: User, reason: str) -> list[Refund]:
    """Send back part or all of what was paid, and claim it no more. Raises TooMuch."""
    application = lock(application_id)
    fee = ensure_fee(application)
    assert fee is not None
    balance, most = balance_of(fee), refundable(fee)
    if not 0 < amount <= most:
        raise TooMuch(most)
    revise(fee, max(0, min(fee.total, balance.net) - amount), reason=reason, actor=actor)
    return settle(application, fee, reason=reason, actor=actor)


def refundable(fee: Fee) -> int:
    """What can still go back. A payment that is disputed is the bank's to decide on."""
    balance = balance_of(fee)
    free = sum(fee.payments.filter(state__in=REFUNDABLE).values_list("amount", flat=True)) - balance.returned
    return max(0, min(free, balance.net))


@transaction.atomic
def end(application_id: int, kind: str, before: str, *, no_place: str = "") -> None:
    """The application has come to an end: nothing more is claimed, and what the editor's rules say goes back.

    kind, before: of the event that ended it; no_place: why all goes back, whatever the rules say.
    """
    application = lock(application_id)
    fee, wanted = fee_of(application), requirement_of(application)
    if fee is None or wanted is None:
        return
    if kind == Action.REJECT and application.status != Status.REJECTED:
        return  # reopened since
    goes_back = no_place or before == Status.PENDING or _goes_back(kind, before, wanted)
    total = 0 if goes_back else min(fee.total, balance_of(fee).net)
    reason = no_place or REASONS[kind]
    if revise(fee, total, reason=reason):
        settle(application, fee, reason=reason)


def _goes_back(kind: str, before: str, wanted: Mapping[str, Any]) -> bool:
    if kind == Action.REJECT:
        return bool(wanted["refund_rejected"])
    return before in REFUNDED_FROM.get(wanted["refund_until"], ())


@transaction.atomic
def booking_cancelled(application_id: int) -> None:
    """A booking was cancelled while the application goes on; one that ended is `end`'s."""
    application = lock(application_id)
    fee, wanted = fee_of(application), requirement_of(application)
    if fee is None or wanted is None or not wanted["refund_cancelled"]:
        return
    if application.status in ENDED:
        return
    if revise(fee, 0, reason=CANCELLED):
        settle(application, fee, reason=CANCELLED)
