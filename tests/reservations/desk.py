"""The ledger's stage: a check-up form that asks for a place, its applications, and staff at the desk."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from applications import proxy
from applications.models import Application, Channel
from cms.models import Department
from formbuilder.models import FormPage
from formbuilder.steps import input_id
from reservations import services
from reservations.asking import asked
from reservations.models import Booking, Slot
from staff.models import User
from tests.support.cast import Steps, draft, item, key_of, load_form

CODE = "kenshin"
CHOICES = [{"label": label, "code": code} for label, code in (("胃", "stomach"), ("肺", "lungs"), ("大腸", "bowel"))]
INSURANCE = [{"label": label, "code": code} for label, code in (("国保", "kokuho"), ("社保", "shaho"))]
SEX = [{"label": "女", "code": "f"}, {"label": "男", "code": "m"}]
STEPS: Steps = {
    "受診者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("date", "生年月日"),
        item("choice", "性別", choices=SEX),
        item("address", "住所"),
        item("phone", "電話番号"),
        item("email", "メール"),
        item("choice", "加入保険", choices=INSURANCE),
    ],
    "検診": [item("choices", "受けたい項目", choices=CHOICES)],
}
ADDRESS = {
    "postcode": "9518550",
    "prefecture": "新潟県",
    "city": "新潟市中央区",
    "town": "学校町通1-602-1",
    "building": "",
}
ANSWERS: dict[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
    "生年月日": "1950-01-02",
    "性別": "f",
    "住所": ADDRESS,
    "電話番号": "0250-12-3456",
    "加入保険": "kokuho",
    "受けたい項目": ["stomach", "bowel"],
}
FAMILY = item(
    "repeat",
    "家族",
    required=False,
    fields=[
        item("full_name", "家族の氏名"),
        item("kana_name", "家族のフリガナ"),
        item("choices", "家族の検診", choices=CHOICES),
    ],
)
WITH_FAMILY: dict[str, Any] = {
    "rows": "家族",
    "row_items": ["＝［家族の検診］"],
    "row_person": "＝連結（［家族のフリガナ.family］，［家族のフリガナ.given］）",
    "row_name": '＝連結（［家族の氏名.family］，" "，［家族の氏名.given］）',
}
WANTED = {
    "calendar": CODE,
    "places": "1",
    "items": ["＝［受けたい項目］"],
    "person": "＝連結（［フリガナ.family］，［フリガナ.given］，［生年月日］）",
}
TYPED = {
    "氏名-family": "見本",
    "氏名-given": "花子",
    "フリガナ-family": "みほん",
    "フリガナ-given": "はなこ",
    "生年月日-era": "昭和",
    "生年月日-year": "25",
    "生年月日-month": "1",
    "生年月日-day": "2",
    "性別": "f",
    "住所-postcode": "951-8550",
    "住所-prefecture": "新潟県",
    "住所-city": "新潟市中央区",
    "住所-town": "学校町通1-602-1",
    "住所-building": "",
    "電話番号": "0250-12-3456",
    "メール": "",
    "加入保険": "kokuho",
    "受けたい項目": ["stomach", "bowel"],
}


def make_checkup_form(
    department: Department,
    *,
    code: str = "checkup",
    title: str = "総合検診の予約",
    steps: Steps = STEPS,
    more: Mapping[str, Any] | None = None,
) -> FormPage:
    data = {
        "format": "madoguchi-form",
        "version": 1,
        "form": {"title": title, "code": code},
        "steps": [{"id": key_of(name), "title": name, "fields": items} for name, items in steps.items()],
        "requires": [{"id": "r1", "type": "reservation", "settings": {**WANTED, **(more or {})}}],
    }
    return load_form(data, department)


def somebody(given: str = "花子", kana: str = "ハナコ", **changed: Any) -> dict[str, Any]:
    return {
        **ANSWERS,
        "氏名": {"family": "見本", "given": given},
        "フリガナ": {"family": "ミホン", "given": kana},
        **changed,
    }


def booked_by_staff(form: FormPage, slot: Slot, actor: User, answers: dict[str, Any] | None = None) -> Booking:
    """As the counter would: application declared, place confirmed."""
    application = draft(form, answers or ANSWERS, channel=Channel.COUNTER)
    party = asked(application).party
    booking = services.staff_book(application=application, slot_id=slot.pk, party=party, actor=actor)
    proxy.submit(application, actor=actor)
    return Booking.objects.select_related("application", "slot").get(pk=booking.pk)


def held_by_resident(form: FormPage, slot: Slot, answers: dict[str, Any] | None = None) -> Booking:
    application = draft(form, answers or ANSWERS)
    return services.hold(application=application, slot_id=slot.pk, party=asked(application).party)


# --- the browser of a clerk


def posted(**typed: Any) -> dict[str, Any]:
    """The boxes of the form by their addresses; an item is named as in the form."""
    made: dict[str, Any] = {}
    for name, text in {**TYPED, **typed}.items():
        label, _, part = name.partition("-")
        made[input_id(key_of(label)) + (f"-{part}" if part else "")] = text
    return {**made, "whole": "1"}


def relative(row: int, given: str, kana: str, *exams: str) -> dict[str, Any]:
    """The boxes of one row of the family."""

    def name(inner: str, part: str = "") -> str:
        return input_id(f"{key_of('家族')}.{row}.{key_of(inner)}") + (f"-{part}" if part else "")

    return {
        name("家族の氏名", "family"): "見本",
        name("家族の氏名", "given"): given,
        name("家族のフリガナ", "family"): "ミホン",
        name("家族のフリガナ", "given"): kana,
        name("家族の検診"): list(exams),
    }


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


class Clerk:
    """Opens the page of a slot, types, and presses 「予約する」."""

    def __init__(self, client: Client, user: User, slot: Slot) -> None:
        client.force_login(user)
        self.client, self.slot = client, slot
        self.url = reverse("ledger:entry", args=(slot.pk,))

    def open(self, **query: str) -> str:
        page = self.client.get(self.url, query or {"channel": "phone"}).content.decode()
        self.ticket, self.version = hidden(page, "ticket"), hidden(page, "version")
        return page

    def send(self, action: Any = "submit", rows: Any = None, **typed: Any) -> Any:
        names = ("channel", "slot", "lookup", "ticket", "version")
        own = {name: typed.pop(name) for name in names if name in typed}
        data = {"ticket": self.ticket, "version": self.version, "channel": "phone", **posted(**typed), **own}
        return self.client.post(self.url, data | (rows or {}) | ({"action": action} if action else {}))


def the_application() -> Application:
    return Application.objects.get()
