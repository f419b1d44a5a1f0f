"""あとで続ける: the way from one device to another."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applications.expiry import DRAFT_DAYS, expire_drafts
from applications.lifecycle import move
from applications.models import Application, Event, Key
from applications.services import MOST_KEYS, add_key, opens
from applications.status import Action
from followup import resuming
from followup.models import ResumeLink
from formbuilder.models import FormPage
from outreach.models import Message
from tests.applications.residents import Resident, leads_to, text_of, value_of
from tests.followup.following import ADDRESS, ANSWERS, form_with_check, link_in, newest_mail, work
from tests.outreach.letterbox import Letterbox
from tests.support.cast import SOMEBODY, Cast, item

TYPED = {"氏名": {"family": "見本", "given": "花子"}, "メールアドレス": ADDRESS}


@pytest.fixture
def resident(cast: Cast) -> Resident:
    """Has filled in a part of the first step."""
    resident = Resident(cast.form)
    resident.fill("1", TYPED)
    return resident


def newest_link() -> str:
    return link_in(str(newest_mail().body))


def send_link(resident: Resident, address: str = ADDRESS) -> str:
    response = resident.post("later", {"mail": address})
    assert response.status_code == 302 and response["Location"].endswith("/later/?sent=1")
    return newest_link()


def test_the_button_keeps_what_was_typed_and_asks_for_an_address(cast: Cast) -> None:
    resident = Resident(cast.form)
    response = resident.fill("1", TYPED, action="exit:later")
    assert leads_to(response) == "later"
    assert resident.answers["氏名"] == TYPED["氏名"]
    page = resident.get("later")
    assert value_of(page, "mail") == ADDRESS
    until = timezone.localtime(resident.draft.updated_at + timedelta(days=DRAFT_DAYS))
    assert f"{until.year}年{until.month}月{until.day}日" in text_of(page)


def test_the_button_works_on_an_empty_page_and_keeps_what_is_wrong(cast: Cast) -> None:
    resident = Resident(cast.form)
    response = resident.fill("1", {}, action="exit:later", **{"f-" + "x": "y"})
    assert leads_to(response) == "later"
    assert resident.draft.status == "draft"


def test_an_exit_that_nobody_offers_is_only_a_save(cast: Cast) -> None:
    resident = Resident(cast.form)
    assert resident.fill("1", TYPED, action="exit:nowhere").status_code == 200  # tells what is missing


def test_the_link_opens_the_draft_on_another_device_and_the_first_keeps_its_key(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    other = Resident(cast.form, Client())
    page = other.client.get(link)
    assert page.status_code == 200 and not other.key
    assert leads_to(other.client.post(link, {"action": "open"})) == resident.code
    assert other.draft == resident.draft
    assert other.key != resident.key
    assert value_of(other.get("1"), "f-" + _key(other, "氏名") + "-family") == "見本"
    other.fill("1", {**TYPED, "フリガナ": {"family": "ミホン", "given": "ハナコ"}})
    assert resident.answers["フリガナ"]["family"] == "ミホン"
    assert resident.get("1").status_code == 200  # the first device was not locked out
    other.fill("2", {})
    assert leads_to(other.declare()) == "done"
    assert leads_to(resident.get("2")) == "done"


def _key(resident: Resident, name: str) -> str:
    return next(key for key, field in resident.engine.fields.items() if field.definition.name == name)


def test_looking_at_a_link_does_not_use_it_up(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    for _ in range(3):  # a program that checks mails
        Client().get(link)
        Client().head(link)
    assert ResumeLink.objects.get().used_at is None
    assert not Key.objects.exists()
    assert Client().post(link, {"action": "open"}).status_code == 302


def test_a_link_opens_one_device_and_offers_a_new_one_to_the_next(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    Client().post(link, {"action": "open"})
    late = Client()
    assert late.post(link, {"action": "open"})["Location"] == link
    assert "もう使われました" in text_of(late.get(link))
    assert f"mg-{resident.code}" not in late.cookies
    assert "新しいリンクを送りました" in text_of(late.post(link, {"action": "again"}))
    work()
    assert mail.outbox[-1].to == [ADDRESS]
    again = newest_link()
    assert again != link
    assert leads_to(late.post(again, {"action": "open"})) == resident.code


def test_the_device_that_has_the_key_goes_straight_on(resident: Resident) -> None:
    link = send_link(resident)
    assert leads_to(resident.client.get(link)) == resident.code
    assert leads_to(resident.client.post(link, {"action": "open"})) == resident.code
    assert ResumeLink.objects.get().used_at is None


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t[:-1] + "A" * 3, lambda t: "A" * 22 + t[22:], lambda t: "x" * 5_000]
)
def test_a_changed_link_is_no_link(resident: Resident, change: Callable[[str], str]) -> None:
    link = send_link(resident).rstrip("/")
    head, _, token = link.rpartition("/")
    changed = f"{head}/{change(token)}/"
    assert changed != f"{link}/"
    for response in (Client().get(changed), Client().post(changed, {"action": "open"})):
        assert response.status_code == 404
        assert "申請が見つかりません" in text_of(response)


@pytest.mark.parametrize("token", ["%00", "😀", "..", "a.b", "%F0%9F%98%80", "'"])
def test_a_strange_link_is_not_found(cast: Cast, token: str) -> None:
    assert Client().get(f"/apply/{cast.form.code}/resume/{token}/").status_code == 404


def test_a_link_is_good_for_its_own_form_alone(cast: Cast, resident: Resident) -> None:
    link = send_link(resident).replace(f"/{cast.form.code}/", f"/{cast.other_form.code}/")
    assert Client().post(link, {"action": "open"}).status_code == 404


def test_a_link_to_a_declared_application_leads_to_its_state(resident: Resident) -> None:
    link = send_link(resident)
    resident.fill("1", {**ANSWERS})
    resident.fill("2", {})
    resident.declare()
    for response in (Client().get(link), Client().post(link, {"action": "open"})):
        assert "もう送られています" in text_of(response)
    assert not Key.objects.exists()


def test_a_link_to_an_expired_draft_says_so_and_nothing_of_the_person_stays(resident: Resident) -> None:
    link = send_link(resident)
    Application.objects.update(updated_at=timezone.now() - timedelta(days=DRAFT_DAYS + 1))
    expire_drafts()
    work()
    assert "保存の期限が過ぎました" in text_of(Client().get(link))
    assert resuming.forget_old() == 1
    message = Message.objects.get()
    assert ADDRESS not in f"{message.to}{message.body}" and "/resume/" not in message.body


def test_who_has_another_draft_of_the_form_is_warned(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    other = Resident(cast.form, Client())
    other.fill("1", TYPED)
    assert "途中の申請があります" in text_of(other.client.get(link))


def test_the_link_is_not_in_the_database(resident: Resident, letterbox: Letterbox) -> None:
    resident.post("later", {"mail": ADDRESS})
    work()
    path = link_in(letterbox.letters[-1].text)
    body = Message.objects.get().body
    assert path not in body and "［リンクは保存しません］" in body
    assert path.split("/")[-2] not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize(
    "typed", ["", "hanako", "a@b", "\x00", "😀@example.jp", "a@example.jp\nBcc: b@example.jp", "x" * 10_000, "a@b.c@"]
)
def test_what_is_no_address_is_told_and_shown_again(resident: Resident, typed: str) -> None:
    response = resident.post("later", {"mail": typed})
    assert response.status_code == 200
    assert "メールアドレス" in text_of(response) and 'role="alert"' in response.content.decode()
    assert not ResumeLink.objects.exists()


def test_an_address_in_full_width_is_taken(resident: Resident) -> None:
    send_link(resident, "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ")
    assert mail.outbox[-1].to == [ADDRESS]


def test_one_mailbox_gets_six_links_an_hour(cast: Cast) -> None:
    answers = []
    for _ in range(4):
        resident = Resident(cast.form, Client())
        resident.fill("1", TYPED)
        answers += [resident.post("later", {"mail": "victim@example.jp"}).status_code for _ in range(2)]
    assert answers == [302] * 6 + [429] * 2


def test_a_used_link_cannot_be_asked_anew_for_ever(resident: Resident) -> None:
    link = send_link(resident)
    Client().post(link, {"action": "open"})
    answers = [Client().post(link, {"action": "again"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_who_has_no_draft_cannot_send_mail(cast: Cast) -> None:
    stranger = Resident(cast.form)
    for response in (stranger.get("later"), stranger.post("later", {"mail": ADDRESS})):
        assert leads_to(response) == cast.form.code
    assert not Message.objects.exists()


def test_a_draft_keeps_the_newest_keys(cast: Cast, resident: Resident) -> None:
    pk = resident.draft.pk
    kept = [add_key(pk) for _ in range(MOST_KEYS + 1)]
    application = Application.objects.get(pk=pk)
    assert [opens(application, each.secret) for each in kept] == [False] + [True] * MOST_KEYS
    assert resident.get("1").status_code == 200


def test_a_key_opens_its_own_draft_alone(cast: Cast, resident: Resident) -> None:
    other = Resident(cast.form, Client())
    other.fill("1", {"氏名": {"family": "他", "given": "人"}})
    key = add_key(resident.draft.pk)
    other.client.cookies[f"mg-{cast.form.code}"] = f"{other.draft.public_id}.{key.secret}"
    page = other.get("1").content.decode()
    assert "他" not in value_of_name(page)


def value_of_name(page: str) -> str:
    return page.partition("-family")[2].partition(">")[0]


def test_the_second_device_costs_one_query_more(
    cast: Cast, resident: Resident, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    other = Resident(cast.form, Client())
    other.client.post(send_link(resident), {"action": "open"})
    other.get("1")
    with django_assert_max_num_queries(4):
        other.get("1")


def test_the_step_shows_until_when_the_draft_is_kept(resident: Resident) -> None:
    until = timezone.localtime(resident.draft.updated_at + timedelta(days=DRAFT_DAYS))
    page = text_of(resident.get("1"))
    assert f"{until.year}年{until.month}月{until.day}日まで、この端末で続きから入力できます" in page
    assert "あとで続ける" in page


def test_a_form_that_closed_meanwhile_says_so(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    cast.form.unpublish()
    assert resident.post("later", {"mail": ADDRESS}).status_code == 410
    other = Resident(cast.form, Client())
    other.client.post(link, {"action": "open"})
    assert other.get("").status_code == 410  # and the draft waits on this device too


def test_an_address_among_the_answers_is_not_needed(cast: Cast) -> None:
    form: FormPage = form_with_check(cast.children, code="plain", steps={"1": [item("full_name", "氏名")]})
    resident = Resident(form)
    resident.fill("1", {"氏名": SOMEBODY["氏名"]})
    assert value_of(resident.get("later"), "mail") == ""
    send_link(resident, "other@example.jp")
    assert mail.outbox[-1].to == ["other@example.jp"]


def test_a_withdrawn_application_is_no_draft(cast: Cast, resident: Resident) -> None:
    link = send_link(resident)
    resident.fill("1", {**ANSWERS})
    resident.fill("2", {})
    resident.declare()
    move(resident.draft.pk, Action.WITHDRAW)
    assert "もう送られています" in text_of(Client().get(link))


def test_the_desk_sees_that_a_link_was_sent_and_cannot_use_it(
    cast: Cast, resident: Resident, letterbox: Letterbox
) -> None:
    resident.post("later", {"mail": ADDRESS})
    work()
    desk = Client()
    desk.force_login(cast.officer)
    html = desk.get(f"/admin/messages/inspect/{Message.objects.get().pk}/").content.decode()
    assert "受け付ける前の申請" in html and "［リンクは保存しません］" in html and "/resume/" not in html
    desk.force_login(cast.other_officer)
    assert desk.get(f"/admin/messages/inspect/{Message.objects.get().pk}/").status_code == 404
