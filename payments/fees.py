"""The fee of an application: priced from its answers until it is declared, kept with it from then on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from applications.answers import opened
from applications.listing import day_of
from applications.models import Application
from applications.references import new_reference
from applications.status import Status
from payments.models import Fee, FeeChange, Payment, Refund
from payments.pricing import Line, Price, price
from payments.requirement import CARD, COMPLETION, COUNTER, KONBINI, NAME
from payments.status import RECEIVED, RefundState
from staff.models import User

ENDED = frozenset({Status.WITHDRAWN, Status.EXPIRED, Status.REJECTED})  # nothing is claimed any more
# What Stripe takes in one payment, in yen
LIMITS = {CARD: (50, 9_999_999), KONBINI: (120, 300_000)}


@dataclass(frozen=True, slots=True)
class Balance:
    """received: money that came; returned: what went back or is promised to, also where that has failed so far."""

    total: int
    received: int
    returned: int

    @property
    def net(self) -> int:
        return self.received - self.returned

    @property
    def due(self) -> int:
        return max(0, self.total - self.net)

    @property
    def surplus(self) -> int:
        return max(0, self.net - self.total)


def requirement_of(application: Application) -> Mapping[str, Any] | None:
    """What the editor set, None where the form costs nothing."""
    found: Mapping[str, Any] | None = application.version.engine.definition.requires.get(NAME)
    return found


def is_after_review(application: Application) -> bool:
    wanted = requirement_of(application)
    return wanted is not None and wanted["moment"] == COMPLETION


def price_of(application: Application) -> Price:
    """What its answers cost, as they are."""
    wanted = requirement_of(application)
    assert wanted is not None
    engine, today = application.version.engine, day_of(application)
    return price(wanted, engine, engine.state(opened(application), today), today)


def fee_of(application: Application) -> Fee | None:
    return Fee.objects.filter(application_id=application.pk).first()


def ensure_fee(application: Application) -> Fee | None:
    """The fee, kept from now on; None for a draft, or where nothing is asked. The application's row is locked."""
    wanted = requirement_of(application)
    if wanted is None or application.status == Status.DRAFT:
        return None
    if (fee := fee_of(application)) is not None:
        return fee
    found = price_of(application)
    return Fee.objects.create(
        application=application,
        number=f"N-{new_reference()}",
        account=wanted["account"],
        lines=found.rows,
        inputs=dict(found.inputs),
        exemption=found.exemption,
        total=found.total,
        due_by=None if wanted["moment"] == COMPLETION else deadline(application),
    )


def is_priced_as(fee: Fee, found: Price) -> bool:
    """Whether the fee is what the answers cost, and nobody has set another amount."""
    return (fee.total, fee.lines) == (found.total, found.rows)


def deadline(application: Application) -> datetime:
    """The end of the last day on which to pay, for who is asked now."""
    wanted = requirement_of(application)
    assert wanted is not None
    day = timezone.localdate() + timedelta(days=wanted["days"])
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def balance_of(fee: Fee) -> Balance:
    payments = Payment.objects.filter(fee=fee, state__in=RECEIVED)
    # what went back from a payment that the bank took back besides was the municipality's own money
    refunds = Refund.objects.filter(payment__in=payments).exclude(state=RefundState.REPLACED)
    received, returned = (rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (payments, refunds))
    return Balance(fee.total, received, returned)


def due_of(application: Application) -> int:
    """What is still to be paid; of what has just been declared too, before its fee is kept."""
    fee = fee_of(application)
    if fee is not None:
        return balance_of(fee).due
    return price_of(application).total if requirement_of(application) else 0


def may_be_paid(application: Application) -> bool:
    """Whether it is time to pay: after the review, or at once; never for what has come to an end."""
    if application.status == Status.DRAFT or application.status in ENDED:
        return False
    return not is_after_review(application) or application.status in (Status.APPROVED, Status.COMPLETED)


def revise(
    fee: Fee, total: int, *, reason: str, actor: User | None = None, lines: tuple[Line, ...] | None = None
) -> bool:
    """Claim another amount from now on; False when it is the same. The application's row is locked."""
    rows = fee.lines if lines is None else [{"label": x.label, "price": x.price, "quantity": x.quantity} for x in lines]
    if fee.total == total and fee.lines == rows:
        return False
    FeeChange.objects.create(
        fee=fee, before=fee.total, after=total, lines_before=fee.lines, reason=reason[:500], actor=actor
    )
    fee.total, fee.lines = total, rows
    if total:  # an officer claims it after all
        fee.exemption = ""
    fee.save(update_fields=["total", "lines", "exemption"])
    return True


def is_connected() -> bool:
    """Whether anybody can pay online."""
    return bool(settings.STRIPE["key"])


def online_methods(application: Application, fee: Fee, amount: int) -> list[str]:
    """What the provider's page offers for this amount now. A voucher and its refund need an address for mail."""
    wanted = requirement_of(application)
    if wanted is None or not is_connected():
        return []
    fitting = [name for name in (CARD, KONBINI) if name in wanted["methods"]]
    fitting = [name for name in fitting if LIMITS[name][0] <= amount <= LIMITS[name][1]]
    is_reachable = bool(application.email) and voucher_days(fee) >= 1
    return [name for name in fitting if name != KONBINI or is_reachable]


def voucher_days(fee: Fee) -> int:
    """So many days after today a voucher ends, at the end of the day."""
    return (timezone.localdate(fee.due_by) - timezone.localdate()).days if fee.due_by else 0


def takes_cash(application: Application) -> bool:
    wanted = requirement_of(application)
    return wanted is not None and COUNTER in wanted["methods"]
