"""電話予約・窓口予約: the same form, on one page; the place is taken and the application declared at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import proxy
from applications.answers import opened
from applications.gates import Moment
from applications.lifecycle import NotReady
from applications.models import Application, Channel, Event
from applications.status import Status
from formbuilder.steps import input_id
from reservations.gate import ReservationGate
from reservations.invariant import problems
from reservations.ledger import entering
from reservations.models import Booking, Calendar, State
from tests.reservations.desk import (
    FAMILY,
    STEPS,
    WITH_FAMILY,
    Clerk,
    booked_by_staff,
    held_by_resident,
    make_checkup_form,
    relative,
    somebody,
    the_application,
)
from tests.reservations.scene import CheckUp, add_quota, add_slots, booked
from tests.support.cast import Cast, current_version, item, key_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_phone_booking_is_confirmed_and_its_application_received(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    (slot,) = add_slots(check_up, places=2)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    page = clerk.open()
    assert slot.when in page and "残り 2" in page
    response = clerk.send()
    booking, application = Booking.objects.get(), the_application()
    assert response.url == reverse("ledger:booking", args=(booking.pk,))
    assert (booking.state, booking.channel, booking.staff) == (State.CONFIRMED, Channel.PHONE, cast.officer)
    assert (application.status, application.channel) == (Status.SUBMITTED, Channel.PHONE)
    assert (application.applicant, application.email) == ("見本 花子", "")
    answers = opened(application)
    assert answers[key_of("フリガナ")] == {"family": "ミホン", "given": "ハナコ"}  # typed as hiragana
    assert answers[key_of("生年月日")] == "1950-01-02"
    (person,) = booking.attendees.all()
    assert [wish.item for wish in person.wishes.all()] == [check_up.stomach]
    assert booked(slot) == 1 and not [*problems()]
    assert str(application.reference) in client.get(response.url).content.decode()


def test_the_history_says_who_entered_it_and_how_it_came(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=2)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open(channel="counter")
    clerk.send(channel="counter")
    events = list(Event.objects.order_by("pk").values_list("kind", "actor__username", "data__channel"))
    assert ("entered", "officer", "counter") in events
    assert ("declared", "officer", None) in events and ("slot_confirmed", "officer", None) in events
    shown = client.get(reverse("casework:case", args=(the_application().public_id,))).content.decode()
    assert "officerが窓口での申請を代わって入力しました。" in shown


def test_staff_book_what_residents_cannot_take_any_more(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=2, public=0)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    assert clerk.send().status_code == 302
    assert booked(slot) == 1


def test_two_taps_are_one_booking(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=5)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    first, second = clerk.send(), clerk.send()
    assert first.url == second.url
    assert (Booking.objects.count(), Application.objects.count(), booked(slot)) == (1, 1, 1)


def test_what_is_wrong_is_said_and_everything_typed_stays(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    response = clerk.send(**{"生年月日-month": "13", "電話番号": "12", "メール": "hanako@"})
    page = response.content.decode()
    assert response.status_code == 422 and "3件の誤り" in page
    for typed in ('value="13"', 'value="12"', 'value="hanako@"', 'value="学校町通1-602-1"', 'value="見本"'):
        assert typed in page
    assert not Booking.objects.exists()
    clerk.send()
    assert Booking.objects.count() == Application.objects.count() == 1


def test_a_missing_answer_is_asked_for_though_the_mail_is_not(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    page = clerk.send(受けたい項目=[], メール="").content.decode()
    assert "1件の誤り" in page and "受けたい項目" in page


def test_a_place_that_is_gone_is_said_with_the_nearest_and_nothing_is_lost(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    slot, near, far = add_slots(check_up, 3, places=1)
    form = make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    booked_by_staff(form, slot, cast.officer, somebody("太郎", "タロウ"))
    response = clerk.send()
    page = response.content.decode()
    assert response.status_code == 409
    assert "空きがありません" in page and 'value="学校町通1-602-1"' in page
    assert page.index(near.when) < page.index(far.when)
    assert clerk.send(slot=str(near.pk)).status_code == 302
    assert (booked(slot), booked(near)) == (1, 1)
    assert Booking.objects.get(slot=near).application.status == Status.SUBMITTED


def test_an_examination_that_is_full_is_named(cast: Cast, check_up: CheckUp, client: Client) -> None:
    add_quota(check_up, 1, item=check_up.stomach)
    slot, other = add_slots(check_up, 2, places=3)
    form = make_checkup_form(cast.children)
    held_by_resident(form, other, somebody("太郎", "タロウ"))
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    assert "「胃（バリウム）」" in clerk.send().content.decode()
    assert clerk.send(受けたい項目=["lungs"]).status_code == 302


def test_somebody_who_has_a_booking_already_is_not_booked_twice(cast: Cast, check_up: CheckUp, client: Client) -> None:
    slot, other = add_slots(check_up, 2, places=3)
    booked_by_staff(make_checkup_form(cast.children), other, cast.officer)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    assert "すでにあります" in clerk.send().content.decode()
    assert booked(slot) == 0


def test_a_place_that_was_taken_and_not_declared_is_given_up(
    cast: Cast, check_up: CheckUp, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = add_slots(check_up, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()

    def refused(*args: Any, **kwargs: Any) -> None:
        raise NotReady("")

    with monkeypatch.context() as patch:
        patch.setattr(entering, "submit", refused)
        assert "もう一度" in clerk.send().content.decode()
    assert booked(slot) == 0 and not [*problems()]
    assert clerk.send().status_code == 302


def test_a_crash_between_booking_and_declaring_is_mended_by_sending_again(
    cast: Cast, check_up: CheckUp, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, other = add_slots(check_up, 2, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()

    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(entering, "submit", crash)
        with pytest.raises(RuntimeError):
            clerk.send()
    assert booked(slot) == 1
    assert clerk.send(slot=str(other.pk)).status_code == 302  # and even elsewhere
    assert (booked(slot), booked(other)) == (0, 1) and not [*problems()]


def test_without_a_script_the_address_is_looked_up_by_a_button(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    typed = {"住所-prefecture": "", "住所-city": "", "住所-town": "", "氏名-given": ""}
    page = clerk.send(action="", lookup=key_of("住所"), **typed).content.decode()
    assert 'value="新潟市中央区"' in page and "誤りがあります" not in page
    assert not Booking.objects.exists()


def test_who_is_not_eligible_is_not_booked(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=1)
    row = {"field": key_of("加入保険"), "operator": "eq", "value": "社保"}
    stop = item(
        "stop", "国保の方が対象です", message="<p>国保の方だけです。</p>", condition={"rows": [row], "match": "all"}
    )
    make_checkup_form(cast.children, steps={**STEPS, "検診": [*STEPS["検診"], stop]})
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    page = clerk.send(加入保険="shaho").content.decode()
    assert "対象外です" in page and "国保の方が対象です" in page
    assert not Booking.objects.exists()


class ResidentsOwn:
    """A gate before the check page that only the resident can open."""

    name, moment = "own", Moment.START

    def applies(self, application: Application) -> bool:
        return True

    def is_open(self, application: Application) -> bool:
        return False


def test_what_only_the_resident_can_do_is_said_before_a_place_is_taken(
    cast: Cast, check_up: CheckUp, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = add_slots(check_up, places=1)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    monkeypatch.setattr(proxy, "gates", lambda: (ReservationGate(), ResidentsOwn()))
    assert "代わって入力できません" in clerk.send().content.decode()
    assert not Booking.objects.exists()


def test_a_family_is_booked_together_or_not_at_all(cast: Cast, check_up: CheckUp, client: Client) -> None:
    small, slot = add_slots(check_up, 2, places=2)[0], add_slots(check_up, 1, places=3, venue=check_up.other_venue)[0]
    make_checkup_form(cast.children, steps={**STEPS, "一緒に来る人": [FAMILY]}, more=WITH_FAMILY)
    rows = {
        input_id(key_of("家族")): ["0", "1"],
        **relative(0, "太郎", "タロウ", "stomach", "lungs"),
        **relative(1, "次郎", "ジロウ", "bowel"),
    }
    clerk = Clerk(client, cast.officer, small)
    assert "家族" in clerk.open()
    refused = clerk.send(rows=rows)
    assert refused.status_code == 409 and 'value="次郎"' in refused.content.decode()
    assert booked(small) == 0
    assert clerk.send(rows=rows, slot=str(slot.pk)).status_code == 302
    people = [
        (row.name, {wish.item.code for wish in row.wishes.all()}) for row in Booking.objects.get().attendees.all()
    ]
    assert people == [("見本 花子", {"stomach"}), ("見本 太郎", {"stomach", "lungs"}), ("見本 次郎", set())]
    assert booked(slot) == 3 and not [*problems()]


def test_a_row_is_added_by_a_button_and_nothing_is_lost(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=3)
    make_checkup_form(cast.children, steps={**STEPS, "一緒に来る人": [FAMILY]}, more=WITH_FAMILY)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    page = clerk.send(action="", rows={"add": key_of("家族")}).content.decode()
    assert input_id(f"{key_of('家族')}.0.{key_of('家族の氏名')}") in page and 'value="学校町通1-602-1"' in page
    assert "誤りがあります" not in page and not Booking.objects.exists()


def test_of_several_forms_one_is_chosen_and_without_any_it_says_what_to_do(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    (slot,) = add_slots(check_up, places=1)
    clerk = Clerk(client, cast.officer, slot)
    assert "予約できる申請フォームがありません" in client.get(clerk.url).content.decode()
    first = make_checkup_form(cast.children)
    make_checkup_form(cast.children, code="second", title="追加の検診")
    page = client.get(clerk.url, {"channel": "counter"}).content.decode()
    assert "総合検診の予約" in page and "追加の検診" in page
    assert "見本" not in clerk.open(form=str(current_version(first).pk), channel="counter")
    assert clerk.send(channel="counter").status_code == 302


def test_the_form_of_another_department_is_not_offered(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=1)
    receptions = Calendar.objects.filter(pk=check_up.calendar.pk)
    receptions.update(department=cast.waste)  # as it was when the form was published
    foreign = make_checkup_form(cast.waste)
    receptions.update(department=cast.children)
    clerk = Clerk(client, cast.officer, slot)
    assert "総合検診の予約" not in client.get(clerk.url).content.decode()
    clerk.ticket, clerk.version = "", str(current_version(foreign).pk)
    assert clerk.send().status_code == 200
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "hostile",
    [
        {"ticket": "x"},
        {"ticket": ""},
        {"channel": "web"},
        {"slot": "9" * 30},
        {"slot": "二"},
        {"氏名-family": "a\x00b" * 50},
        {"受けたい項目": ["<script>"]},
        {"生年月日-year": "９" * 5000},
    ],
)
def test_hostile_requests_are_answered_and_book_once_at_the_most(
    cast: Cast, check_up: CheckUp, client: Client, hostile: dict[str, Any]
) -> None:
    (slot,) = add_slots(check_up, places=5)
    make_checkup_form(cast.children)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    response = clerk.send(**hostile)
    assert response.status_code in (302, 409, 422)
    assert "<script>alert" not in response.content.decode()
    assert Booking.objects.count() <= 1 and not [*problems()]
    assert all(channel != "web" for channel in Booking.objects.values_list("channel", flat=True))


def test_the_ticket_of_somebody_else_opens_nothing(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=5)
    form = make_checkup_form(cast.children)
    victim = held_by_resident(form, slot, somebody("太郎", "タロウ")).application
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    clerk.send(ticket=victim.public_id)
    victim.refresh_from_db()
    assert (victim.status, victim.channel) == (Status.DRAFT, Channel.WEB)
    assert Booking.objects.filter(state=State.CONFIRMED).exclude(application=victim).count() == 1
