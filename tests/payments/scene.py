"""A form with a fee, residents who pay it, and a provider in memory that keeps money honestly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.utils import timezone

from applications import outbox
from applications.models import Application
from cms.models import Department, DepartmentPage
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from payments.fees import Balance, balance_of
from payments.inbox import process_due
from payments.jobs import send_refunds
from payments.models import Fee, Payment, Refund
from payments.providers import Rejected, Seen, SeenRefund, Unreachable
from payments.status import Action, RefundAction
from payments.stripe_provider import NAME
from tests.support.cast import item, key_of, submit

STEPS = {
    "請求": [
        item("full_name", "氏名"),
        item("email", "メール", required=False),
        item("number", "通数", min="0"),
        item("choice", "受取方法", choices=[{"label": text, "code": text} for text in ("普通", "速達", "窓口")]),
        item("yes_no", "減免を受ける", required=False),
    ]
}
ANSWERS: Mapping[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "メール": "hanako@example.jp",
    "通数": "2",
    "受取方法": "速達",
    "減免を受ける": False,
}
LINES = [
    {"label": "住民票の写し", "price": "300", "quantity": "＝［通数］"},
    {
        "label": "郵送料",
        "price": "＝もし（［受取方法］＝「速達」，410，もし（［受取方法］＝「普通」，110，0））",
        "quantity": "1",
    },
]
EXEMPTIONS = [{"holds": "＝［減免を受ける］", "reason": "手数料条例第5条による減免"}]
DUE = 1010  # of ANSWERS


def requirement(**settings: Any) -> dict[str, Any]:
    return {
        "moment": "arrival",
        "lines": LINES,
        "exemptions": EXEMPTIONS,
        "methods": ["card", "konbini", "counter"],
        "days": 7,
        "account": "総務手数料",
        "refund_until": "review",
        "refund_rejected": True,
        "refund_cancelled": True,
        **settings,
    }


def form_file(code: str = "juminhyo", others: tuple[dict[str, Any], ...] = (), **settings: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "住民票の写し", "code": code},
        "steps": [{"id": key_of(f"画面 {name}"), "title": name, "fields": list(its)} for name, its in STEPS.items()],
        "requires": [{"id": "payment-1", "type": "payment", "settings": requirement(**settings)}, *others],
    }


def make_fee_form(department: Department, **settings: Any) -> FormPage:
    section = DepartmentPage.objects.get(department=department)
    return import_form(form_file(**settings), section=section, publish=True)


def apply_for(form: FormPage, **answers: Any) -> Application:
    """Declared, and the worker has heard of it."""
    application = submit(form, {**ANSWERS, **answers})
    work()
    return refresh(application)


def refresh(application: Application) -> Application:
    return Application.objects.select_related("version", "form", "department").get(pk=application.pk)


def fee_of(application: Application) -> Fee:
    return Fee.objects.get(application=application)


def standing(application: Application) -> Balance:
    return balance_of(fee_of(application))


def payments_of(application: Application) -> list[Payment]:
    return list(Payment.objects.filter(fee__application=application).order_by("pk"))


def refunds_of(application: Application) -> list[Refund]:
    return list(Refund.objects.filter(payment__fee__application=application).order_by("pk"))


def kinds_of(application: Application) -> list[str]:
    return [event.kind for event in application.events.all()]


def work() -> None:
    """What the worker does, until nothing is left that is due."""
    while outbox.deliver_due() + process_due() + send_refunds():
        pass


# --- the provider


@dataclass
class Page:
    """A page to pay on. paid: what was taken there."""

    payment: str
    amount: int
    seen: Seen
    refunds: dict[str, SeenRefund] = field(default_factory=dict)


@dataclass
class InMemory:
    """Takes the place of Stripe: one page for one key, money only from pages that are open, no more back than paid."""

    name: str = NAME
    is_down: bool = False
    refuses: bool = False
    after_begin: Callable[[], object] | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    refund_outcome: RefundAction = RefundAction.DONE
    begun: int = 0

    def __post_init__(self) -> None:
        self.lock = Lock()

    def begin(self, payment: Payment) -> Seen:
        self._answer()
        with self.lock:
            ref = f"cs_{payment.public_id}"
            self.begun += 1
            opened = Seen(Action.OPENED, ref=ref, page_url=f"https://checkout.stripe.com/c/{ref}")
            page = self.pages.setdefault(ref, Page(payment.public_id, payment.amount, opened))
        if self.after_begin:
            self.after_begin()
        return replace(page.seen, refunds=())

    def look(self, payment: Payment) -> Seen:
        self._answer()
        with self.lock:
            page = self.pages.get(payment.ref or "")
            return replace(page.seen, refunds=tuple(page.refunds.values())) if page else Seen(None)

    def close(self, payment: Payment) -> Seen:
        self._answer()
        with self.lock:
            page = self.pages.get(payment.ref or "")
            if page and page.seen.action == Action.OPENED:
                page.seen = replace(page.seen, action=Action.EXPIRED)
        return self.look(payment)

    def refund(self, refund: Refund) -> SeenRefund:
        self._answer()
        with self.lock:
            page = self.pages[refund.payment.ref or ""]
            known = page.refunds.get(refund.public_id)
            if known is None:
                back = sum(each.amount for each in page.refunds.values() if each.action != RefundAction.FAILED)
                if page.seen.action != Action.PAID or back + refund.amount > page.amount:
                    raise Rejected("more than was paid")
                known = SeenRefund(f"re_{refund.public_id}", refund.public_id, refund.amount, self.refund_outcome)
                page.refunds[refund.public_id] = known
            return known

    def _answer(self) -> None:
        if self.is_down:
            raise Unreachable("down")
        if self.refuses:
            raise Rejected("never")

    # what a person does

    def pay(self, ref: str) -> None:
        """By card. A page that is over takes no money."""
        with self.lock:
            page = self.pages[ref]
            if page.seen.action in (Action.OPENED, Action.PROMISED):
                method = "konbini" if page.seen.action == Action.PROMISED else "card"
                page.seen = replace(
                    page.seen,
                    action=Action.PAID,
                    intent=f"pi_{page.payment}",
                    amount=page.amount,
                    method=method,
                    paid_at=timezone.now(),
                )

    def take_voucher(self, ref: str, until: datetime | None = None) -> None:
        with self.lock:
            page = self.pages[ref]
            page.seen = replace(
                page.seen,
                action=Action.PROMISED,
                intent=f"pi_{page.payment}",
                method="konbini",
                voucher_url="https://payments.stripe.com/konbini/voucher/test",
                voucher_until=until or timezone.now() + timedelta(days=3),
            )

    def lapse(self, ref: str) -> None:
        """Nobody came to the shop."""
        with self.lock:
            self.pages[ref].seen = replace(self.pages[ref].seen, action=Action.FAILED)

    @property
    def kept(self) -> int:
        """Yen that it has taken and not sent back."""
        return sum(
            page.amount - sum(each.amount for each in page.refunds.values() if each.action != RefundAction.FAILED)
            for page in self.pages.values()
            if page.seen.action == Action.PAID
        )
