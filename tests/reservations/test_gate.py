"""An editor adds 予約 to a form; the check page opens when the places are held; what follows happens by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from applications import gates, outbox, subscribers
from applications.lifecycle import NotReady, advance, declare, move, record
from applications.models import Application, Delivery, DeliveryState
from applications.services import keep_answers
from applications.status import Action, Status
from formbuilder import requirements
from formbuilder.blocks import requirements_block
from formbuilder.models import FormPage
from formbuilder.package import PackageRefused
from reservations import services
from reservations.asking import Unclear, asked
from reservations.expiry import expire_holds
from reservations.gate import ReservationGate
from reservations.invariant import problems
from reservations.models import Booking, State
from reservations.party import person_key, places_of
from reservations.refusals import Full
from tests.reservations.scene import CheckUp, add_slots, alone, applications, at_once, booked
from tests.support.cast import Cast, Steps, draft, item, key_of, load_form
from tests.support.seam import StampGate

ITEMS = [{"label": label, "code": code} for label, code in (("胃", "stomach"), ("肺", "lungs"), ("大腸", "bowel"))]
STEPS = {
    "受診者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("date", "生年月日"),
        item("number", "人数", required=False),
    ],
    "検診": [item("choices", "受けたい項目", choices=ITEMS)],
}
ANSWERS: dict[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
    "生年月日": "1950-01-01",
    "人数": "2",
    "受けたい項目": ["stomach", "bowel"],
}
WANTED = {
    "calendar": "kenshin",
    "places": "＝［人数］",
    "items": ["＝［受けたい項目］"],
    "person": "＝連結（［フリガナ.family］，［フリガナ.given］，［生年月日］）",
}


@pytest.fixture
def seam(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This app in the three lists, beside a gate that waits for something else before arrival."""
    settings.APPLICATION_GATES = ["reservations.gate.ReservationGate", "tests.support.seam.StampGate"]
    settings.FORM_REQUIREMENTS = [
        "reservations.requirement.ReservationRequirement",
        "tests.support.seam.StampRequirement",
    ]
    settings.APPLICATION_SUBSCRIBERS = ["reservations.subscriber.ReservationSubscriber"]
    _forget()
    monkeypatch.setattr(FormPage._meta.get_field("requires"), "stream_block", requirements_block())
    yield
    _forget()


def _forget() -> None:
    for registry in (gates.gates, subscribers.subscribers, requirements.requirements):
        registry.cache_clear()
    StampGate.stamped.clear()


def form(cast: Cast, *, stamped: bool = False, steps: Steps = STEPS, **wanted: Any) -> FormPage:
    data: dict[str, Any] = {
        "format": "madoguchi-form",
        "version": 1,
        "form": {"title": "総合検診の予約", "code": "checkup"},
        "steps": [{"id": key_of(title), "title": title, "fields": items} for title, items in steps.items()],
        "requires": [{"id": "r1", "type": "reservation", "settings": {**WANTED, **wanted}}],
    }
    if stamped:
        data["requires"].append({"id": "r2", "type": "stamp", "settings": {"stamps": 1}})
    return load_form(data, cast.children)


def held(application: Application, slot: Any) -> Booking:
    return services.hold(application=application, slot_id=slot.pk, party=asked(application).party)


def test_the_answers_say_what_is_to_be_reserved(seam: None, cast: Cast, check_up: CheckUp) -> None:
    found = asked(draft(form(cast), ANSWERS))
    (person,) = found.party
    assert found.calendar == check_up.calendar
    assert (person.name, person.places) == ("見本 花子", 2)
    assert person.items == {check_up.stomach.pk}  # 大腸 has no limit, and no item of the reception
    assert person.person == person_key("ミホンハナコ1950-01-01")


def test_a_fixed_number_and_no_items_will_do(seam: None, cast: Cast, check_up: CheckUp) -> None:
    found = asked(draft(form(cast, places="3", items=[], person=""), ANSWERS))
    assert (places_of(found.party), found.party[0].items, found.party[0].person) == (3, frozenset(), "")


@pytest.mark.parametrize("number", [None, "0", "-1", "1.5"])
def test_answers_that_do_not_tell_the_number_keep_the_gate_closed(
    seam: None, cast: Cast, check_up: CheckUp, number: str | None
) -> None:
    answers = {name: answer for name, answer in ANSWERS.items() if name != "人数"}
    application = draft(form(cast), answers if number is None else {**answers, "人数": number})
    with pytest.raises(Unclear):
        asked(application)
    assert not ReservationGate().is_open(application)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"calendar": "nowhere"}, "受付"),
        ({"places": "＝［いない］"}, "いない"),
        ({"places": "＝［氏名.family］"}, "数"),
        ({"person": "＝［人数］"}, "結果が"),
        ({"person": "＝［人数］"}, "文字になりません"),
        ({"items": ["＝［"]}, "式"),
        ({"items": ["＝［人数］"]}, "文字か文字の一覧になりません"),
        ({"items": ["＝［受けたい項目］", "＝［生年月日］"]}, "文字か文字の一覧になりません"),
    ],
)
def test_a_requirement_that_cannot_work_is_refused_at_publish(
    seam: None, cast: Cast, check_up: CheckUp, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(PackageRefused, match=message):
        form(cast, **wanted)


def test_the_gate_opens_with_the_hold_and_closes_when_the_answers_ask_for_more(
    seam: None, cast: Cast, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=5)
    application, gate = draft(form(cast), ANSWERS), ReservationGate()
    assert gate.applies(application)
    assert not gate.applies(draft(cast.form))
    assert not gate.is_open(application)
    with pytest.raises(NotReady):
        declare(application.pk, revision=application.revision)
    booking = held(application, slot)
    assert gate.is_open(application)
    application = keep_answers(application.pk, taken={key_of("人数"): "3"}, unfinished={})
    assert not gate.is_open(application)
    services.change(booking_id=booking.pk, slot_id=slot.pk, party=asked(application).party)
    assert gate.is_open(application)
    assert booked(slot) == 3
    # a corrected name takes no other place
    name = {"family": "見木", "given": "花子"}
    application = keep_answers(application.pk, taken={key_of("氏名"): name}, unfinished={})
    assert gate.is_open(application)


def test_the_gate_tells_the_officer_what_is_reserved(seam: None, cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    application, gate = draft(form(cast), ANSWERS), ReservationGate()
    assert gate.facts(application) == {"予約": "なし"}
    held(application, slot)
    assert gate.facts(application) == {
        "予約": "2027年6月7日（月）6:00〜6:30 あすぱる",
        "予約の状態": "仮押さえ",
        "人数・点数": "2",
        "予約の項目": "見本 花子: 胃（バリウム）",
    }
    assert gate.url(application) == "/apply/checkup/reservation/"


def test_arrival_confirms_the_hold_under_the_name_that_was_declared(seam: None, cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    application = draft(form(cast), ANSWERS)
    booking = held(application, slot)
    name = {"family": "見木", "given": "花子"}
    application = keep_answers(application.pk, taken={key_of("氏名"): name}, unfinished={})
    assert declare(application.pk, revision=application.revision).status == Status.SUBMITTED
    outbox.deliver_due()
    booking.refresh_from_db()
    assert (booking.state, booking.attendees.get().name) == (State.CONFIRMED, "見木 花子")
    # at least once means: perhaps twice
    Delivery.objects.update(state=DeliveryState.WAITING, due_at=timezone.now())
    outbox.deliver_due()
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.DELIVERED}
    assert Booking.objects.get().state == State.CONFIRMED


def test_a_hold_that_was_declared_lives_though_no_worker_runs(
    seam: None, cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=2)
    application = draft(form(cast), ANSWERS)
    booking = held(application, slot)
    clock.shift(timedelta(minutes=20))  # late, but nobody else wanted it
    declare(application.pk, revision=application.revision)
    clock.shift(timedelta(days=2))
    assert expire_holds() == 0
    outbox.deliver_due()
    booking.refresh_from_db()
    assert booking.state == State.CONFIRMED


def test_a_hold_waits_for_what_comes_before_arrival_but_not_for_ever(
    seam: None, cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=2)
    application = draft(form(cast, stamped=True), ANSWERS)
    booking = held(application, slot)
    assert declare(application.pk, revision=application.revision).status == Status.PENDING
    outbox.deliver_due()
    clock.shift(timedelta(hours=71))
    assert expire_holds() == 0
    clock.shift(timedelta(hours=2))
    assert expire_holds() == 1
    # the payment came late, and the place is still free
    StampGate.stamped[application.pk] = 1
    assert advance(application.pk).status == Status.SUBMITTED
    outbox.deliver_due()
    booking.refresh_from_db()
    assert booking.state == State.CONFIRMED
    assert list(problems()) == []


def test_a_payment_that_comes_too_late_for_the_place_is_seen_by_staff(
    seam: None, cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=2)
    application = draft(form(cast, stamped=True), ANSWERS)
    held(application, slot)
    declare(application.pk, revision=application.revision)
    outbox.deliver_due()
    clock.shift(timedelta(hours=73))
    services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())
    StampGate.stamped[application.pk] = 1
    advance(application.pk)
    outbox.deliver_due()
    waiting = Delivery.objects.get(event__kind="arrived")
    assert (waiting.state, "Full" in waiting.last_error) == (DeliveryState.WAITING, True)
    assert booked(slot) == 1


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.REJECT, Action.EXPIRE])
def test_the_places_go_back_when_the_application_ends(
    seam: None, cast: Cast, check_up: CheckUp, action: Action
) -> None:
    (slot,) = add_slots(check_up, places=2)
    application = draft(form(cast), ANSWERS)
    booking = held(application, slot)
    if action != Action.EXPIRE:
        declare(application.pk, revision=application.revision)
        outbox.deliver_due()
    if action == Action.REJECT:
        move(application.pk, Action.REVIEW)
    move(application.pk, action)
    outbox.deliver_due()
    booking.refresh_from_db()
    assert booking.state == (State.RELEASED if action == Action.EXPIRE else State.CANCELLED)
    assert booked(slot) == 0
    assert list(problems()) == []


@pytest.mark.parametrize("elsewhere", ["payment_started", "identity_started"])
def test_a_payment_or_a_proof_of_identity_that_begins_extends_the_hold_once(
    seam: None, cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, elsewhere: str
) -> None:
    (slot,) = add_slots(check_up, places=2)
    application = draft(form(cast), ANSWERS)
    held(application, slot)
    clock.shift(timedelta(minutes=10))
    record(application, elsewhere)
    outbox.deliver_due()
    assert Booking.objects.get().extended
    clock.shift(timedelta(minutes=10))
    assert expire_holds() == 0
    record(application, elsewhere)
    outbox.deliver_due()
    clock.shift(timedelta(minutes=30))
    assert expire_holds() == 1


@pytest.mark.django_db(transaction=True)
def test_who_declares_while_the_hold_runs_out_has_either_both_or_neither(
    seam: None, cast: Cast, check_up: CheckUp
) -> None:
    slots = add_slots(check_up, 20, places=2)
    page = form(cast, person="")
    drafts = [draft(page, ANSWERS) for _ in slots]
    for application, slot in zip(drafts, slots, strict=True):
        held(application, slot)
    Booking.objects.update(hold_expires_at=timezone.now())

    def declaring(application: Application) -> Any:
        return lambda: declare(application.pk, revision=application.revision)

    results = at_once([*(declaring(application) for application in drafts), *[expire_holds] * 20])
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, NotReady)] == []
    for application in drafts:
        application.refresh_from_db()
        active = application.bookings.filter(state=State.HOLD).exists()
        assert active is (application.status == Status.SUBMITTED)
    assert list(problems()) == []


# --- who comes along


FAMILY = item(
    "repeat",
    "家族",
    required=False,
    fields=[
        item("full_name", "家族の氏名"),
        item("kana_name", "家族のフリガナ"),
        item("date", "家族の生年月日"),
        item("choices", "家族の検診", required=False, choices=ITEMS),
        item("choices", "家族の追加", required=False, choices=[{"label": "骨密度", "code": "bones"}]),
    ],
)
ROWS = {
    "places": "1",
    "rows": "家族",
    "row_items": ["＝［家族の検診］", "＝［家族の追加］"],
    "row_person": "＝連結（［家族のフリガナ.family］，［家族のフリガナ.given］，［家族の生年月日］）",
    "row_name": '＝連結（［家族の氏名.family］，" "，［家族の氏名.given］）',
}


def relative(
    given: str, kana: str, *exams: str, more: tuple[str, ...] = (), born: str = "1980-02-03"
) -> dict[str, Any]:
    row: dict[str, Any] = {
        key_of("家族の氏名"): {"family": "見本", "given": given},
        key_of("家族のフリガナ"): {"family": "ミホン", "given": kana},
        key_of("家族の生年月日"): "1980-02-03",
    }
    row |= {key_of("家族の検診"): list(exams)} if exams else {}
    return row | ({key_of("家族の追加"): list(more)} if more else {})


def family_form(cast: Cast, **wanted: Any) -> FormPage:
    return form(cast, steps={**STEPS, "一緒に来る人": [FAMILY]}, **{**ROWS, **wanted})


def test_everybody_who_comes_along_has_a_place_and_items_of_their_own(
    seam: None, cast: Cast, check_up: CheckUp
) -> None:
    rows = [relative("太郎", "タロウ", "stomach", "lungs"), relative("次郎", "ジロウ", "bowel", more=("bones",))]
    hanako, taro, jiro = asked(draft(family_form(cast), {**ANSWERS, "家族": rows})).party
    assert [person.name for person in (hanako, taro, jiro)] == ["見本 花子", "見本 太郎", "見本 次郎"]
    assert hanako.items == {check_up.stomach.pk}
    assert taro.items == {check_up.stomach.pk, check_up.lungs.pk}
    assert jiro.items == {check_up.bones.pk}
    assert taro.person == person_key("ミホンタロウ1980-02-03")
    assert {person.places for person in (hanako, taro, jiro)} == {1}


def test_without_a_family_the_applicant_comes_alone(seam: None, cast: Cast, check_up: CheckUp) -> None:
    (alone_,) = asked(draft(family_form(cast), ANSWERS)).party
    assert alone_.name == "見本 花子"


def test_the_same_person_twice_in_a_party_is_told_at_once(seam: None, cast: Cast, check_up: CheckUp) -> None:
    rows = [relative("太郎", "タロウ"), relative("太郎", "タロウ")]
    with pytest.raises(Unclear, match="同じ方が2回"):
        asked(draft(family_form(cast), {**ANSWERS, "家族": rows}))


def test_the_limits_of_every_item_hold_for_the_whole_family(seam: None, cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=9, items={check_up.stomach: 2})
    rows = [relative("太郎", "タロウ", "stomach"), relative("次郎", "ジロウ", "stomach")]
    with pytest.raises(Full, match="胃（バリウム）"):
        held(draft(family_form(cast), {**ANSWERS, "家族": rows}), slot)
    assert booked(slot) == 0
    held(draft(family_form(cast), {**ANSWERS, "家族": rows[:1]}), slot)
    assert booked(slot) == 2


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"rows": "いない"}, "いない"),
        ({"rows": "氏名"}, "氏名"),
        ({"rows": ""}, "繰り返しの項目名がありません"),
        ({"row_person": ""}, "一緒に来る人を見分ける式"),
        ({"row_items": ["＝［"]}, "式"),
        ({"row_name": "＝［人数］"}, "結果が"),
    ],
)
def test_rows_that_cannot_work_are_refused_at_publish(
    seam: None, cast: Cast, check_up: CheckUp, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(PackageRefused, match=message):
        family_form(cast, **wanted)
