"""Tells the resident what to pay until when, what was paid, and what goes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from applications.models import Event
from formbuilder.mails import Mail
from outreach.mail import concealed, send, write
from outreach.words import moment
from payments import events, letters
from payments.fees import fee_of, takes_cash
from payments.letters import LINK, VOUCHER
from payments.links import url_of
from payments.models import Fee, Payment, Refund
from payments.requirement import KONBINI, METHODS

MAILS: dict[str, Mail] = {
    events.ASKED: letters.ASKED,
    events.PROMISED: letters.PROMISED,
    events.PAID: letters.PAID,
    events.FAILED: letters.FAILED,
    events.LAPSED: letters.LAPSED,
    events.REFUND_STARTED: letters.REFUND,
}


class PaymentMail:
    """A mail for each thing that the resident has to do or to know; none where no address was given."""

    name = letters.SENDER
    kinds: ClassVar = frozenset(MAILS)

    def deliver(self, event: Event) -> None:
        application, fee = event.application, fee_of(event.application)
        if not application.email or fee is None:
            return
        told = _Told(event, fee, _payment(event, fee))
        mail = letters.ADDED if event.data.get("additional") and event.kind == events.ASKED else MAILS[event.kind]
        link, voucher = url_of(application), told.payment.voucher_url if told.payment else ""
        secrets = {LINK: link} | ({VOUCHER: voucher} if voucher else {})
        kept = {name: concealed(secret, name) for name, secret in secrets.items()}
        send(write(event, mail, lambda: {**told.values(), **kept}), secrets)


def _payment(event: Event, fee: Fee) -> Payment | None:
    if "refund" in event.data:
        return Refund.objects.select_related("payment").get(pk=event.data["refund"]).payment
    return Payment.objects.get(pk=event.data["payment"], fee=fee) if "payment" in event.data else None


@dataclass(frozen=True, slots=True)
class _Told:
    event: Event
    fee: Fee
    payment: Payment | None

    def values(self) -> Mapping[str, str]:
        """In the language of the moment."""
        data, payment = self.event.data, self.payment
        until = payment.voucher_until if payment and self.event.kind == events.PROMISED else self.fee.due_by
        is_waiting = not self.event.application.reference
        method = METHODS.get(payment.method, "") if payment else ""
        return {
            "納付番号": self.fee.number,
            "金額": _("%(amount)s円") % {"amount": f"{data['amount']:,}"},
            "理由": data.get("reason", ""),
            "期限": moment(until) if until else "",
            "窓口での支払いの案内": self._at_the_counter(),
            "受付の案内": self._before_arrival() if is_waiting else "",
            "納付日時": moment(payment.paid_at) if payment and payment.paid_at else "",
            "方法": _(method) if method else "",
            "領収番号": payment.receipt_number if payment else "",
            "お返しの方法": self._how_it_goes_back(),
        }

    def _at_the_counter(self) -> str:
        takes_it = takes_cash(self.event.application)
        return _("窓口で支払うときは、納付番号を担当者に伝えてください。") if takes_it else ""

    @staticmethod
    def _before_arrival() -> str:
        return _("お支払いが済むと、申請を受け付けます。期限までにお支払いがないときは、申請は期限切れになります。")

    def _how_it_goes_back(self) -> str:
        if self.payment is None:
            return ""
        if self.payment.provider == "counter":
            return _("窓口で納付された分です。お返しの方法は、担当の課からお知らせします。")
        if self.payment.method == KONBINI:
            return _(
                "コンビニで支払われた分です。決済事業者（Stripe）から届くメールで、返金を受け取る口座を入力してください。"
            )
        return _("お支払いのクレジットカードに返します。明細に出るまで、数日から数週間かかることがあります。")
