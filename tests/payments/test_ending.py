"""What goes back when an application ends, what is asked for after the review, and what residents are told."""

from io import BytesIO

import pytest
from django.core import mail
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings

from applications.lifecycle import move
from applications.models import Application
from applications.panels import Place
from applications.services import keep_answers
from applications.status import Action, Status
from formbuilder.models import FormPage
from outreach.models import Message
from payments import claiming, jobs
from payments.fees import balance_of
from payments.links import path_of, token_of
from payments.panel import PaymentPanel
from payments.paying import NothingDue, look, start
from payments.pricing import Line
from payments.subscriber import PaymentSubscriber
from tests.payments.scene import (
    ANSWERS,
    DUE,
    InMemory,
    apply_for,
    fee_of,
    kinds_of,
    make_fee_form,
    payments_of,
    refresh,
    refunds_of,
    standing,
    work,
)
from tests.support.cast import Cast, answers_by_key, draft


def paid_for(form: FormPage, bank: InMemory) -> Application:
    application = apply_for(form)
    payment = start(application.pk)
    bank.pay(payment.ref or "")
    look(payment)
    work()
    return refresh(application)


STEPS = {
    "submitted": [],
    "in_review": [Action.REVIEW],
    "returned": [Action.RETURN],
}


@pytest.mark.parametrize(
    ("until", "kept"),
    [
        ("never", {"submitted": DUE, "in_review": DUE, "returned": DUE}),
        ("received", {"submitted": DUE, "in_review": DUE, "returned": DUE}),
        ("review", {"submitted": 0, "in_review": DUE, "returned": DUE}),
        ("decision", {"submitted": 0, "in_review": 0, "returned": 0}),
    ],
    ids=["never", "received", "review", "decision"],
)
def test_a_withdrawal_is_refunded_as_long_as_the_editor_says(
    cast: Cast, bank: InMemory, until: str, kept: dict[str, int]
) -> None:
    form = make_fee_form(cast.children, refund_until=until)
    for name, steps in STEPS.items():
        before = bank.kept
        application = paid_for(form, bank)
        for step in steps:
            move(application.pk, step)
        move(application.pk, Action.WITHDRAW)
        work()
        assert bank.kept - before == kept[name], name
        assert standing(application).due == 0


@pytest.mark.parametrize("goes_back", [True, False], ids=["refunded", "kept"])
def test_a_rejection_is_refunded_where_the_editor_says_so(cast: Cast, bank: InMemory, goes_back: bool) -> None:
    application = paid_for(make_fee_form(cast.children, refund_rejected=goes_back), bank)
    move(application.pk, Action.REVIEW)
    move(application.pk, Action.REJECT)
    work()
    assert bank.kept == (0 if goes_back else DUE)
    assert standing(application).due == 0


def test_what_was_rejected_and_reopened_at_once_keeps_its_money(form: FormPage, bank: InMemory) -> None:
    application = paid_for(form, bank)
    for action in (Action.REVIEW, Action.REJECT, Action.REOPEN):
        move(application.pk, action)
    work()
    assert bank.kept == DUE == standing(application).total


def test_after_the_review_the_money_is_asked_for_and_completes_it(cast: Cast, bank: InMemory) -> None:
    application = apply_for(make_fee_form(cast.children, moment="completion"))
    assert application.status == Status.SUBMITTED  # received without money
    page = Client().get(path_of(application)).content.decode()
    assert "いまは支払いません" in page
    with pytest.raises(NothingDue):
        start(application.pk)
    move(application.pk, Action.REVIEW)
    claiming.change(application.pk, (Line("住民票の写し", 300, 1),), actor=cast.officer, reason="1通に訂正")
    move(application.pk, Action.APPROVE)
    work()
    assert kinds_of(application)[-1] == "payment_asked" and fee_of(application).due_by is not None
    payment = start(application.pk)
    bank.pay(payment.ref or "")
    look(payment)
    assert refresh(application).status == Status.COMPLETED and bank.kept == 300


def test_who_need_not_pay_after_the_review_is_not_asked(cast: Cast, bank: InMemory) -> None:
    application = apply_for(make_fee_form(cast.children, moment="completion"), 減免を受ける=True)
    move(application.pk, Action.REVIEW)
    move(application.pk, Action.APPROVE)
    work()
    assert "payment_asked" not in kinds_of(application)
    move(application.pk, Action.COMPLETE)


def test_less_to_pay_than_the_open_page_says_closes_the_page(form: FormPage, bank: InMemory, cast: Cast) -> None:
    application = apply_for(form)
    old = start(application.pk)
    claiming.change(application.pk, (Line("住民票の写し", 300, 1),), actor=cast.officer, reason="窓口で訂正")
    work()
    bank.pay(old.ref or "")
    assert bank.kept == 0 and start(application.pk).amount == 300


def test_nothing_left_to_pay_is_as_good_as_paid(form: FormPage, bank: InMemory, cast: Cast) -> None:
    application = apply_for(form)
    claiming.change(application.pk, (), actor=cast.officer, reason="免除の決定があったため")
    work()
    assert refresh(application).status == Status.SUBMITTED


def test_hearing_everything_twice_does_nothing_twice(form: FormPage, bank: InMemory) -> None:
    application = paid_for(form, bank)
    move(application.pk, Action.WITHDRAW)
    for _ in range(2):
        for event in application.events.filter(kind__in=PaymentSubscriber.kinds):
            PaymentSubscriber().deliver(event)
        work()
    assert bank.kept == 0 and [refund.amount for refund in refunds_of(application)] == [DUE]


# --- what residents read


def mails_of(application: Application) -> dict[str, Message]:
    return {message.template: message for message in Message.objects.filter(application=application)}


def test_each_thing_is_told_once_by_mail(form: FormPage, bank: InMemory, cast: Cast, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    application = apply_for(form)
    bank.take_voucher(start(application.pk).ref or "")
    look(payments_of(application)[0])
    work()
    bank.pay(payments_of(application)[0].ref or "")
    look(payments_of(application)[0])
    work()
    lines = (Line("住民票の写し", 300, 3), Line("郵送料", 410, 1))
    claiming.change(application.pk, lines, actor=cast.officer, reason="3通の申請のため")
    claiming.change(application.pk, lines[:1], actor=cast.officer, reason="窓口で渡すため")
    work()
    told = mails_of(application)
    assert set(told) == {"arrived", "payment_promised", "payment_paid", "payment_added", "refund_started"}
    assert "払込の期限" in told["payment_promised"].body and "1,010円" in told["payment_promised"].body
    assert "追加のお支払い" in told["payment_added"].subject and "3通の申請のため" in told["payment_added"].body
    assert "300円" in told["payment_added"].body and "110円" in told["refund_started"].body
    assert "返金を受け取る口座" in told["refund_started"].body
    link = f"{settings.BASE_URL}{path_of(application)}"
    assert all(link not in message.body for message in told.values())  # staff read the mails, and need no link
    assert sum(link in letter.body for letter in mail.outbox) == 4


def test_the_end_of_an_unpaid_application_is_told(form: FormPage, bank: InMemory) -> None:
    application = apply_for(form)
    fee = fee_of(application)
    fee.due_by = fee.created_at
    fee.save()
    assert jobs.expire_unpaid() == 1
    work()
    assert "申請は終わりました" in mails_of(application)["payment_lapsed"].subject


# --- pages


def test_the_price_is_shown_before_declaring_and_follows_the_answers(form: FormPage, bank: InMemory) -> None:
    application = draft(form, {"氏名": {"family": "見本", "given": "花子"}, "通数": "2", "受取方法": "普通"})
    shown = PaymentPanel().show(application, Place.CHECK)
    assert shown is not None and shown.context["price"].total == 710
    changed = answers_by_key(application.version, {"通数": "1"})
    application = keep_answers(application.pk, taken=changed, unfinished={})
    shown = PaymentPanel().show(application, Place.CHECK)
    assert shown is not None and shown.context["price"].total == 410


def test_the_receipt_says_what_was_paid_and_what_went_back(form: FormPage, bank: InMemory, cast: Cast) -> None:
    application = paid_for(form, bank)
    claiming.give_back(application.pk, 300, actor=cast.officer, reason="1通減ったため")
    work()
    file = Client().get(f"{path_of(application)}receipt.pdf")
    assert file.headers["Content-Type"] == "application/pdf" and file.content.startswith(b"%PDF")
    page = Client().get(path_of(application)).content.decode()
    assert "支払いは済んでいます" in page and "1通減ったため" in page and (application.reference or "-") in page


def test_who_has_paid_nothing_has_no_receipt(form: FormPage, bank: InMemory) -> None:
    assert Client().get(f"{path_of(apply_for(form))}receipt.pdf").status_code == 404


@pytest.mark.parametrize("place", ["", "return/", "cancelled/", "stop/", "receipt.pdf"])
def test_a_link_that_we_have_not_signed_opens_nothing(form: FormPage, bank: InMemory, place: str) -> None:
    token = token_of(apply_for(form))
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.partition(".")[0], "x" * 300, "あ.い"):
        assert Client().get(f"/payments/{wrong}/{place}").status_code == 404


def test_no_online_payment_without_a_key_but_the_page_says_what_to_do(
    form: FormPage, bank: InMemory, settings: Settings
) -> None:
    settings.STRIPE = {"key": "", "webhook_secret": "", "api": ""}
    application = apply_for(form)
    page = Client().get(path_of(application)).content.decode()
    assert "支払いに進む" not in page and "窓口で支払うとき" in page
    refused = Client().post(path_of(application))
    assert refused.status_code == 409 and "この画面からは支払えません" in refused.content.decode()
    assert balance_of(fee_of(application)).due == DUE


def test_leaving_stripes_page_says_that_nothing_was_paid(form: FormPage, bank: InMemory) -> None:
    application = apply_for(form)
    start(application.pk)
    assert "もう一度支払ってください" in Client().get(f"{path_of(application)}cancelled/").content.decode()


def test_a_draft_has_no_fee_page(form: FormPage, bank: InMemory) -> None:
    assert Client().get(path_of(draft(form, ANSWERS))).status_code == 302


def test_the_receipt_is_read_as_it_is_printed(form: FormPage, bank: InMemory, cast: Cast) -> None:
    application = paid_for(form, bank)
    claiming.give_back(application.pk, 300, actor=cast.officer, reason="1通減ったため")
    work()
    file = Client().get(f"{path_of(application)}receipt.pdf").content
    text = PdfReader(BytesIO(file)).pages[0].extract_text()
    for words in (
        "納付確認書",
        "総務手数料",
        "300円 × 2 ＝ 600円",
        "クレジットカード",
        "1通減ったため",
        "710円",
        "領収証書ではありません",
    ):
        assert words in text
    assert application.reference and application.reference in text
