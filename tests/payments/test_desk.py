"""手数料 in the admin: cash, another amount, money back, the ledger; each department its own."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.lifecycle import move
from applications.models import Application, ExportRecord
from applications.status import Action, Status
from cms.models import Role
from formbuilder.models import FormPage
from payments.desk import urls
from payments.models import FeeChange, Payment, Refund
from payments.paying import look, start
from payments.status import RefundAction, RefundState, State
from tests.payments.scene import DUE, InMemory, apply_for, fee_of, payments_of, refresh, refunds_of, standing, work
from tests.support.cast import Cast, make_staff

Page = Any


@pytest.fixture
def hanako(form: FormPage, bank: InMemory) -> Application:
    return apply_for(form)


@pytest.fixture
def paid(hanako: Application, bank: InMemory) -> Application:
    """By card."""
    payment = start(hanako.pk)
    bank.pay(payment.ref or "")
    look(payment)
    work()
    return refresh(hanako)


@pytest.fixture
def clerk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def address(application: Application, name: str = "fee", *args: int) -> str:
    return reverse(f"fees:{name}", args=(fee_of(application).number, *args))


def text_of(page: Page) -> str:
    text: str = page.content.decode()
    return text


def test_cash_is_recorded_with_its_number_and_lets_the_application_arrive(clerk: Client, hanako: Application) -> None:
    assert "窓口納付を記録する" in text_of(clerk.get(address(hanako)))
    refused = clerk.post(address(hanako, "cash"), {"receipt_number": " \x00 "})
    assert refused.status_code == 400 and "領収番号を入力してください。" in text_of(refused)
    assert clerk.post(address(hanako, "cash"), {"receipt_number": "R8-0012"}).status_code == 302
    assert refresh(hanako).status == Status.SUBMITTED
    again = clerk.post(address(hanako, "cash"), {"receipt_number": "R8-0013"})
    assert again.status_code == 400 and "支払うものがありません" in text_of(again)
    page = text_of(clerk.get(address(hanako)))
    assert "R8-0012" in page and "R8-0013" not in page
    assert refresh(hanako).events.get(kind="payment_paid").actor is not None


def fewer(**changed: str) -> dict[str, str]:
    lines = {"price_0": "300", "quantity_0": "1", "price_1": "410", "quantity_1": "1"}
    return {**lines, "reason": "1通で足りるとの電話があったため", **changed}


def test_fewer_copies_send_the_difference_back(clerk: Client, paid: Application, bank: InMemory) -> None:
    assert clerk.post(address(paid, "change"), fewer()).status_code == 302
    work()
    assert bank.kept == DUE - 300 and standing(paid).net == DUE - 300
    assert refunds_of(paid)[0].state == RefundState.SUCCEEDED
    page = text_of(clerk.get(address(paid)))
    assert "1,010円 → 710円" in page and "1通で足りるとの電話があったため" in page


def test_more_copies_are_asked_for_and_hold_the_completion_up(clerk: Client, paid: Application, bank: InMemory) -> None:
    assert clerk.post(address(paid, "change"), fewer(quantity_0="3", reason="3通の申請のため")).status_code == 302
    move(paid.pk, Action.REVIEW)
    move(paid.pk, Action.APPROVE)
    work()
    assert standing(paid).due == 300 and refresh(paid).status == Status.APPROVED
    payment = start(paid.pk)
    assert payment.amount == 300
    bank.pay(payment.ref or "")
    look(payment)
    work()
    assert bank.kept == DUE + 300
    move(paid.pk, Action.COMPLETE)  # an officer sends the copies off, and says so


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quantity_0": "2"}, "変わったところがありません"),
        ({"reason": ""}, "理由を入力してください"),
        ({"quantity_0": "-1"}, "0以上の数にしてください"),
        ({"quantity_0": "二"}, "数字で入力してください"),
        ({"price_0": "99999999", "quantity_0": "9999"}, "合計を99,999,999円以下にしてください"),
        ({"new_price": "100"}, "追加する行の名前を入力してください"),
    ],
    ids=["the same", "no reason", "negative", "no number", "too much", "no name"],
)
def test_another_amount_that_makes_no_sense_is_said_so(
    clerk: Client, paid: Application, changed: dict[str, str], said: str
) -> None:
    page = clerk.post(address(paid, "change"), fewer(**changed))
    assert page.status_code == 400 and said in text_of(page)
    assert not FeeChange.objects.exists()


def test_what_was_exempt_can_be_claimed_after_all(clerk: Client, form: FormPage, bank: InMemory) -> None:
    exempt = apply_for(form, 減免を受ける=True)
    assert (
        clerk.post(address(exempt, "change"), fewer(quantity_0="2", reason="要件に当たらないため")).status_code == 302
    )
    assert (fee_of(exempt).total, fee_of(exempt).exemption) == (DUE, "")
    work()
    assert exempt.events.filter(kind="payment_asked").exists()


def test_nothing_more_is_claimed_for_what_has_ended(clerk: Client, paid: Application) -> None:
    move(paid.pk, Action.WITHDRAW)
    page = clerk.post(address(paid, "change"), fewer(quantity_0="9"))
    assert page.status_code == 400 and "申請が終わっているため" in text_of(page)
    assert "手数料を改める" not in text_of(clerk.get(address(paid)))


def test_a_line_can_be_added(clerk: Client, paid: Application) -> None:
    more = {"new_label": "手書きの証明", "new_price": "200", "new_quantity": "1"}
    clerk.post(address(paid, "change"), fewer(quantity_0="2", **more))
    assert fee_of(paid).total == DUE + 200
    assert [line["label"] for line in fee_of(paid).lines] == ["住民票の写し", "郵送料", "手書きの証明"]


def test_part_goes_back_and_never_more_than_there_is(clerk: Client, paid: Application, bank: InMemory) -> None:
    reason = {"reason": "記載の誤りのため"}
    assert clerk.post(address(paid, "refund"), {"amount": "10", **reason}).status_code == 302
    assert clerk.post(address(paid, "refund"), {"amount": "1001", **reason}).status_code == 400
    assert clerk.post(address(paid, "refund"), {"amount": "1000", **reason}).status_code == 302
    assert clerk.post(address(paid, "refund"), {"amount": "1", **reason}).status_code == 400
    work()
    assert bank.kept == 0 and standing(paid).due == 0 and fee_of(paid).total == 0


def test_what_could_not_go_back_is_tried_again(clerk: Client, paid: Application, bank: InMemory) -> None:
    bank.refund_outcome = RefundAction.FAILED
    clerk.post(address(paid, "refund"), {"amount": "300", "reason": "記載の誤りのため"})
    work()
    failed = refunds_of(paid)[0]
    assert failed.state == RefundState.FAILED and standing(paid).surplus == 0  # counted as owed, so nothing loops
    bank.refund_outcome = RefundAction.DONE
    assert "もう一度返金する" in text_of(clerk.get(address(paid)))
    assert clerk.post(address(paid, "retry", failed.pk)).status_code == 302
    assert clerk.post(address(paid, "retry", failed.pk)).status_code == 400
    work()
    assert [refund.state for refund in refunds_of(paid)] == [RefundState.REPLACED, RefundState.SUCCEEDED]
    assert bank.kept == DUE - 300 == standing(paid).net


def test_what_could_not_go_back_is_given_by_other_means(clerk: Client, paid: Application, bank: InMemory) -> None:
    bank.refund_outcome = RefundAction.FAILED
    clerk.post(address(paid, "refund"), {"amount": "300", "reason": "記載の誤りのため"})
    work()
    assert clerk.post(address(paid, "repaid", refunds_of(paid)[0].pk), {"receipt_number": ""}).status_code == 400
    assert clerk.post(address(paid, "repaid", refunds_of(paid)[0].pk), {"receipt_number": "還-7"}).status_code == 302
    work()
    assert [refund.receipt_number for refund in refunds_of(paid)] == ["", "還-7"]
    assert standing(paid).net == DUE - 300 and bank.kept == DUE  # it came out of another purse


def test_what_stripe_is_sending_is_not_given_a_second_time(clerk: Client, paid: Application, bank: InMemory) -> None:
    bank.refund_outcome = RefundAction.SENT
    clerk.post(address(paid, "refund"), {"amount": "300", "reason": "記載の誤りのため"})
    work()
    page = clerk.post(address(paid, "repaid", refunds_of(paid)[0].pk), {"receipt_number": "還-7"})
    assert page.status_code == 400 and refunds_of(paid)[0].state == RefundState.PENDING


def test_cash_goes_back_over_the_counter(clerk: Client, hanako: Application) -> None:
    clerk.post(address(hanako, "cash"), {"receipt_number": "R8-0012"})
    clerk.post(address(hanako, "refund"), {"amount": "300", "reason": "1通減ったため"})
    work()
    refund = refunds_of(hanako)[0]
    assert refund.state == RefundState.PENDING
    assert clerk.post(address(hanako, "repaid", refund.pk), {"receipt_number": "還-8"}).status_code == 302
    assert refunds_of(hanako)[0].state == RefundState.SUCCEEDED


def test_the_desk_asks_stripe_itself(clerk: Client, hanako: Application, bank: InMemory) -> None:
    bank.pay(start(hanako.pk).ref or "")
    bank.is_down = True
    assert "確かめられませんでした" in text_of(clerk.post(address(hanako), follow=True))
    bank.is_down = False
    clerk.post(address(hanako))
    assert payments_of(hanako)[0].state == State.SUCCEEDED


def test_the_list_finds_by_number_name_and_standing(
    clerk: Client, paid: Application, form: FormPage, bank: InMemory
) -> None:
    other = apply_for(form, 氏名={"family": "試験", "given": "太郎"})
    numbers = {"paid": fee_of(paid).number, "other": fee_of(other).number}

    def found(**query: str) -> set[str]:
        page = text_of(clerk.get(reverse("fees:list"), query))
        return {name for name, number in numbers.items() if number in page}

    assert found() == {"paid", "other"}
    assert found(q="試験") == {"other"}
    assert found(q=paid.reference or "") == {"paid"}
    assert found(q=numbers["other"].lower()) == {"other"}
    assert found(standing="owed") == {"other"}
    assert found(standing="paid") == {"paid"}
    assert found(standing="to_do") == set()


def test_the_case_leads_to_its_fee(clerk: Client, paid: Application) -> None:
    page = text_of(clerk.get(reverse("casework:case", args=(paid.public_id,))))
    assert address(paid) in page and "1,010円（クレジットカード）" in page


# --- the ledger


def test_a_month_counts_what_came_and_what_went_on_its_day(clerk: Client, paid: Application, bank: InMemory) -> None:
    clerk.post(address(paid, "change"), fewer())
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        work()
        later = f"{timezone.localdate():%Y-%m}"
    after = clerk.post(f"{reverse('fees:ledger')}?month={later}").content.decode("utf-8-sig").splitlines()
    now = f"{timezone.localdate():%Y-%m}"
    first = clerk.post(f"{reverse('fees:ledger')}?month={now}").content.decode("utf-8-sig").splitlines()
    assert first[1].endswith("こども家庭課,総務手数料,クレジットカード,1,1010,0,0,1010")
    assert after[1].endswith("こども家庭課,総務手数料,クレジットカード,0,0,1,300,-300")
    assert {record.rows for record in ExportRecord.objects.all()} == {1}


@pytest.mark.parametrize("month", ["2027-13", "2027", "あ", "0000-01"])
def test_what_is_no_month_is_said_so(clerk: Client, month: str) -> None:
    page = clerk.get(reverse("fees:ledger"), {"month": month})
    assert page.status_code == 200 and "月を「2027-06」のように入力してください。" in text_of(page)
    assert clerk.post(f"{reverse('fees:ledger')}?month={month}").status_code == 400
    assert not ExportRecord.objects.exists()


# --- who may what

READ, WRITE = {"list", "list_results", "fee"}, {"cash", "change", "refund", "repaid", "retry"}
READERS = {Role.OFFICER, Role.APPROVER, Role.AUDITOR}


def expected(role: Role | None, *, own: bool, name: str) -> int:
    if role is None:  # not even the admin's first page
        return 302
    if name == "ledger":
        return 200 if role in (Role.OFFICER, Role.EXPORTER) else 302
    may = role in (READERS if name in READ else {Role.OFFICER})
    if name.startswith("list"):
        return 200 if may else 302
    return 200 if may and own else 404


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == READ | WRITE | {"ledger"}


@pytest.mark.parametrize("own", [True, False], ids=["own department", "another department"])
@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role.value if role else "nobody")
def test_each_sees_what_the_role_allows_and_no_more(
    cast: Cast, client: Client, paid: Application, role: Role | None, own: bool
) -> None:
    payment = payments_of(paid)[0]
    refund = Refund.objects.create(payment=payment, amount=1, reason="x", created_at=timezone.now())
    user = make_staff("somebody", *([(cast.children if own else cast.waste, role)] if role else []))
    client.force_login(user)
    for name in sorted(READ | WRITE | {"ledger"}):
        args: tuple[Any, ...] = () if name.startswith(("list", "ledger")) else (fee_of(paid).number,)
        args += (refund.pk,) if name in ("repaid", "retry") else ()
        page = client.get(reverse(f"fees:{name}", args=args))
        assert page.status_code == expected(role, own=own, name=name), name
        assert ("見本 花子" in text_of(page)) is (own and page.status_code == 200 and name != "ledger"), name
    if role != Role.OFFICER or not own:
        before = (FeeChange.objects.count(), Payment.objects.count())
        for name in sorted(WRITE - {"repaid", "retry"}):
            sent = {"receipt_number": "1", "amount": "1", **fewer()}
            assert client.post(address(paid, name), sent).status_code in (302, 404)
        assert (FeeChange.objects.count(), Payment.objects.count()) == before
