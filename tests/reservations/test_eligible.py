"""Who may have a place is said by the form: by age at a date, sex, or where somebody lives. No slot gets round it."""

from typing import Any

import pytest
import time_machine

from formbuilder.models import FormPage
from reservations.models import Booking
from tests.applications.residents import leads_to, text_of
from tests.reservations.desk import ADDRESS, CHOICES, SEX, make_checkup_form
from tests.reservations.residents import Booker
from tests.reservations.scene import CheckUp, add_slots, booked
from tests.support.cast import Cast, Steps, item, key_of

ALL: dict[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
    "生年月日": "1988-03-31",  # 40 on 31 March 2028, and not a day later
    "性別": "f",
    "住所": ADDRESS,
}


def stop(label: str, name: str, operator: str, value: str) -> dict[str, Any]:
    row = {"field": key_of(name), "operator": operator, "value": value}
    return item("stop", label, message="<p>お電話ください。</p>", condition={"rows": [row], "match": "all"})


STEPS: Steps = {
    "受診者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("date", "生年月日"),
        item("computed", "年度末年齢", formula="=年齢(［生年月日］, 日後(年度初め(か月後(今日(), 12)), -1))"),
        item("choice", "性別", choices=SEX),
        item("address", "住所"),
        item("computed", "市内", formula='=もし(［住所.city］="新潟市中央区", 1, 0)'),
        stop("40歳からです", "年度末年齢", "lt", "40"),
        stop("女性の検診です", "性別", "eq", "男"),
        stop("市内の方だけです", "市内", "eq", "0"),
    ],
    "検診": [item("choices", "受けたい項目", choices=CHOICES)],
}


@pytest.fixture
def form(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> FormPage:
    return make_checkup_form(cast.children, steps=STEPS)


def arrived(form: FormPage, **changed: Any) -> Booker:
    resident = Booker(form)
    resident.fill("1", ALL | changed)
    resident.fill("2", {"受けたい項目": ["stomach"]})
    return resident


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"生年月日": "1988-04-02"}, "40歳からです"),
        ({"性別": "m"}, "女性の検診です"),
        ({"住所": {**ADDRESS, "city": "となり市"}}, "市内の方だけです"),
    ],
)
def test_who_is_not_meant_is_told_why_and_gets_no_place(
    form: FormPage, check_up: CheckUp, changed: dict[str, Any], why: str
) -> None:
    (slot,) = add_slots(check_up, places=5)
    resident = arrived(form, **changed)
    assert why in text_of(resident.get("1"))
    for answer in (resident.look(), resident.pick(slot)):
        assert leads_to(answer) != "reservation" and answer.status_code == 302
    assert not Booking.objects.exists() and booked(slot) == 0


def test_who_is_meant_picks_a_time(form: FormPage, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    resident = arrived(form)
    assert leads_to(resident.pick(slot)) == "check"
    assert booked(slot) == 1
