"""How the fee of an application stands, as its resident reads it."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from applications.models import Application
from payments.fees import ENDED, Balance, balance_of, is_after_review, may_be_paid, online_methods, takes_cash
from payments.links import token_of
from payments.models import Fee, Payment, Refund
from payments.pricing import Line, lines_of
from payments.requirement import METHODS
from payments.status import RECEIVED, RefundState, State


@dataclass(frozen=True)
class Standing:
    application: Application
    fee: Fee
    balance: Balance

    @property
    def token(self) -> str:
        return token_of(self.application)

    @property
    def lines(self) -> tuple[Line, ...]:
        return lines_of(self.fee.lines)

    @property
    def due(self) -> int:
        """What the resident is to pay now."""
        return self.balance.due if may_be_paid(self.application) else 0

    @property
    def is_too_early(self) -> bool:
        return self.balance.due > 0 and not self.due and self.application.status not in ENDED

    @property
    def is_after_review(self) -> bool:
        return is_after_review(self.application)

    @property
    def methods(self) -> list[str]:
        return [_(METHODS[name]) for name in online_methods(self.application, self.fee, self.due)] if self.due else []

    @property
    def takes_cash(self) -> bool:
        return takes_cash(self.application)

    @cached_property
    def payments(self) -> list[Payment]:
        return list(self.fee.payments.filter(state__in=RECEIVED))

    @cached_property
    def refunds(self) -> list[Refund]:
        return list(Refund.objects.filter(payment__fee=self.fee).exclude(state=RefundState.REPLACED))

    @cached_property
    def voucher(self) -> Payment | None:
        """The konbini voucher that can still be paid."""
        return self.fee.payments.filter(state=State.WAITING).last()

    @property
    def has_ended(self) -> bool:
        return self.application.status in ENDED


def standing_of(application: Application, fee: Fee) -> Standing:
    return Standing(application, fee, balance_of(fee))
