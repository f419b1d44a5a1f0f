"""Tells the resident what to pay until when, what was paid, and what goes back."""

from typing import ClassVar

from django.utils import timezone

from applications.models import Event
from outreach.mail import concealed, send, write
from payments import events
from payments.fees import fee_of, takes_cash
from payments.links import url_of
from payments.models import Payment, Refund
from payments.requirement import KONBINI, METHODS

LINK, VOUCHER = "支払いの画面のアドレス", "払込番号の画面のアドレス"


class PaymentMail:
    """A mail for each thing that the resident has to do or to know; none where no address was given."""

    name = "payment_mail"
    kinds: ClassVar = frozenset(
        {events.ASKED, events.PROMISED, events.PAID, events.FAILED, events.LAPSED, events.REFUND_STARTED}
    )

    def deliver(self, event: Event) -> None:
        application, fee = event.application, fee_of(event.application)
        if not application.email or fee is None:
            return
        link, voucher = url_of(application), ""
        context = {
            "title": application.version.engine.definition.title,
            "department": application.department,
            "fee": fee,
            "amount": f"{event.data['amount']:,}",
            "reason": event.data.get("reason", ""),
            "additional": event.data.get("additional", False),
            "takes_cash": takes_cash(application),
            "link": concealed(link, LINK),
        }
        if "payment" in event.data:
            payment = Payment.objects.get(pk=event.data["payment"], fee=fee)
            voucher = payment.voucher_url
            paid_at = timezone.localtime(payment.paid_at) if payment.paid_at else None
            context |= {"payment": payment, "paid_at": paid_at, "method": METHODS.get(payment.method, "")}
            context["voucher"] = concealed(voucher, VOUCHER) if voucher else ""
        if "refund" in event.data:
            payment = Refund.objects.select_related("payment").get(pk=event.data["refund"]).payment
            context |= {"payment": payment, "by_konbini": payment.method == KONBINI}
        secrets = {LINK: link} | ({VOUCHER: voucher} if voucher else {})
        send(write(event, event.kind, context), secrets)
