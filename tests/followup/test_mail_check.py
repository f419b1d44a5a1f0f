"""メールアドレスの確認: the gate before the check page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applications.gates import Moment, first_closed
from applications.lifecycle import NotReady, declare
from applications.models import Application, Channel
from followup import codes
from followup.addresses import address_of, mark_verified
from followup.gate import MailGate
from followup.models import Code, Purpose, VerifiedAddress
from formbuilder.models import FormPage
from outreach.models import Message
from tests.applications.residents import Resident, leads_to, text_of
from tests.followup.following import ADDRESS, ANSWERS, form_with_check, newest_digits, newest_mail, work, wrong
from tests.support.cast import SOMEBODY, Cast, draft, item, submit


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return form_with_check(cast.children)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    """Everything is filled in; the code is still to come."""
    resident = Resident(form)
    resident.fill("1", {**ANSWERS})
    resident.fill("2", {})
    return resident


def send(resident: Resident) -> None:
    assert leads_to(resident.post("mail", {"action": "send"})) == "mail"


def check(resident: Resident, digits: str) -> object:
    return resident.post("mail", {"action": "check", "digits": digits})


def test_the_check_page_waits_for_the_code(resident: Resident) -> None:
    assert leads_to(resident.get("check")) == "mail"
    page = text_of(resident.get("mail"))
    assert ADDRESS in page and "結果をお知らせします。" in page
    send(resident)
    letter = newest_mail()
    assert letter.to == [ADDRESS] and "確認つきの申請" in letter.subject
    assert leads_to(check(resident, newest_digits())) == "check"
    assert resident.get("check").status_code == 200
    assert leads_to(resident.get("mail")) == "check"
    assert leads_to(resident.declare()) == "done"


def test_looking_at_the_page_sends_nothing(resident: Resident) -> None:
    resident.get("mail")
    resident.client.head(resident.url("mail"))
    work()
    assert not Code.objects.exists() and not Message.objects.exists()


def test_nobody_declares_around_it(resident: Resident) -> None:
    assert leads_to(resident.declare()) == resident.code
    with pytest.raises(NotReady):
        declare(resident.draft.pk, revision=resident.draft.revision)


def test_another_address_is_verified_anew(resident: Resident) -> None:
    send(resident)
    check(resident, newest_digits())
    resident.fill("1", {**ANSWERS, "メールアドレス": "taro@example.jp"})
    assert leads_to(resident.get("check")) == "mail"
    send(resident)
    assert newest_mail().to == ["taro@example.jp"]
    assert leads_to(check(resident, newest_digits())) == "check"
    resident.fill("1", {**ANSWERS})  # the first one was verified
    assert resident.get("check").status_code == 200


def test_the_code_for_the_old_address_does_not_verify_the_new_one(resident: Resident) -> None:
    send(resident)
    digits = newest_digits()
    resident.fill("1", {**ANSWERS, "メールアドレス": "taro@example.jp"})
    assert "違うか、期限が切れています" in text_of(check(resident, digits))
    assert not VerifiedAddress.objects.exists()


def test_a_code_for_an_address_that_changed_meanwhile_is_not_mailed(resident: Resident) -> None:
    send(resident)
    resident.fill("1", {**ANSWERS, "メールアドレス": "taro@example.jp"})
    work()
    assert not Message.objects.exists()


def test_a_wrong_code_says_what_to_do_and_five_of_them_end_it(resident: Resident) -> None:
    send(resident)
    digits = newest_digits()
    for _ in range(codes.TRIES):
        response = check(resident, wrong(digits))
        assert "確認コードが違うか" in text_of(response)
    assert "確認コードが違うか" in text_of(check(resident, digits))
    assert "確認コードを送る" in text_of(resident.get("mail"))
    send(resident)
    assert leads_to(check(resident, newest_digits())) == "check"


def test_only_the_newest_code_counts(resident: Resident) -> None:
    send(resident)
    first = newest_digits()
    send(resident)
    if first != newest_digits():
        assert "確認コードが違うか" in text_of(check(resident, first))
    assert leads_to(check(resident, newest_digits())) == "check"


def test_an_expired_code_does_not_count(resident: Resident) -> None:
    send(resident)
    digits = newest_digits()
    Code.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "期限が切れています" in text_of(check(resident, digits))


def test_the_code_of_another_draft_does_not_count(form: FormPage, resident: Resident) -> None:
    other = Resident(form)
    other.fill("1", {**ANSWERS})
    other.fill("2", {})
    send(other)
    digits = newest_digits()
    send(resident)
    if digits != newest_digits():
        assert "確認コードが違うか" in text_of(check(resident, digits))


def test_six_codes_an_hour_and_no_more(resident: Resident) -> None:
    for _ in range(6):
        send(resident)
    response = resident.post("mail", {"action": "send"})
    assert response.status_code == 429
    assert "しばらくしてから" in text_of(response)
    assert leads_to(check(resident, newest_digits())) == "check"  # the last one still counts


@pytest.mark.parametrize("typed", ["", "\x00\x00\x00\x00\x00\x00", "😀😀😀😀😀😀", "9" * 10_000, "12345", "abcdef"])
def test_what_are_no_digits_is_told_and_costs_no_try(resident: Resident, typed: str) -> None:
    send(resident)
    response = check(resident, typed)
    assert "6桁の数字" in text_of(response)
    assert Code.objects.get().tries == 0


def test_a_code_without_being_sent_one_opens_nothing(resident: Resident) -> None:
    assert "確認コードが違うか" in text_of(check(resident, "000000"))


def test_who_has_no_draft_is_sent_to_the_beginning(form: FormPage) -> None:
    stranger = Resident(form)
    for response in (stranger.get("mail"), stranger.post("mail", {"action": "send"}), check(stranger, "000000")):
        assert leads_to(response) == form.code
    assert not Code.objects.exists()


def test_a_declared_application_is_not_verified_any_more(resident: Resident) -> None:
    mark_verified(resident.draft, ADDRESS)
    resident.declare()
    assert leads_to(resident.get("mail")) == "done"


def test_a_form_without_the_requirement_has_no_such_page(cast: Cast) -> None:
    resident = Resident(cast.form)
    resident.fill("1", {**ANSWERS})
    assert leads_to(resident.get("mail")) == "check"


def test_the_page_leads_back_to_the_address(cast: Cast, resident: Resident) -> None:
    page = resident.get("mail").content.decode()
    assert f'href="/apply/{resident.code}/1/?return=check"' in page


def test_without_an_address_there_is_nothing_to_verify(form: FormPage) -> None:
    application = submit(form, SOMEBODY)
    assert application.received_at
    assert MailGate().facts(application) == {"メールアドレスの確認": "確認なし"}


def test_staff_who_fill_in_the_form_for_a_resident_are_not_asked(form: FormPage) -> None:
    begun = draft(form, ANSWERS, channel=Channel.PHONE)
    assert first_closed(begun, Moment.CHECK) is None
    assert submit(form, ANSWERS, channel=Channel.COUNTER).received_at


def test_staff_see_that_the_address_was_verified(resident: Resident) -> None:
    application = resident.draft
    mark_verified(application, ADDRESS.upper())  # as people write it
    mark_verified(application, ADDRESS)
    resident.declare()
    assert MailGate().facts(Application.objects.get()) == {"メールアドレスの確認": "確認済み"}


def test_an_address_of_a_hidden_item_does_not_count(cast: Cast) -> None:
    steps = {"1": [item("full_name", "氏名"), item("email", "メール", sensitive=True)]}
    form = form_with_check(cast.children, code="sensitive", steps=steps)
    begun = draft(form, {"氏名": {"family": "見本", "given": "花子"}, "メール": ADDRESS})
    assert address_of(begun) == ""  # a sensitive answer is copied nowhere, and mailed to by nobody
    assert MailGate().is_open(begun)


def test_a_closed_form_does_not_send_codes(form: FormPage, resident: Resident) -> None:
    form.unpublish()
    assert resident.post("mail", {"action": "send"}).status_code == 410
    assert not Code.objects.exists()


def test_the_pages_cost_few_queries(resident: Resident, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    resident.get("mail")
    with django_assert_max_num_queries(5):
        resident.get("mail")
    with django_assert_max_num_queries(4):
        resident.get("later")
    with django_assert_max_num_queries(12):
        send(resident)


def test_a_code_is_announced_once(resident: Resident) -> None:
    send(resident)
    assert (codes.announce(), codes.announce()) == (1, 0)
    assert codes.issue(Purpose.ADDRESS, None, "").application is None
    assert codes.announce() == 0


def test_a_client_without_a_token_sends_nothing(resident: Resident) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = resident.client.cookies
    assert strict.post(resident.url("mail"), {"action": "send"}).status_code == 403
    assert not Code.objects.exists()
