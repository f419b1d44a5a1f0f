"""A resident in front of the check-up form, as far as the page to pick a time."""

import re
from typing import Any

from formbuilder.models import FormPage
from reservations.models import Booking, Slot
from tests.applications.residents import Resident, Response
from tests.support.cast import Cast, item, key_of, load_form

ITEMS = [{"label": label, "code": code} for label, code in (("胃", "stomach"), ("肺", "lungs"), ("大腸", "bowel"))]
STEPS = {
    "受診者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("date", "生年月日"),
        item("email", "メール", required=False),
        item("number", "人数", required=False),
    ],
    "検診": [item("choices", "受けたい項目", choices=ITEMS)],
}
PERSON = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
    "生年月日": "1950-01-01",
    "メール": "hanako@example.jp",
    "人数": "2",
}
WANTED = {
    "calendar": "kenshin",
    "places": "＝［人数］",
    "items": ["＝［受けたい項目］"],
    "person": "＝連結（［フリガナ.family］，［フリガナ.given］，［生年月日］）",
}


def make_checkup_form(cast: Cast, **wanted: Any) -> FormPage:
    data: dict[str, Any] = {
        "format": "madoguchi-form",
        "version": 1,
        "form": {"title": "総合検診の予約", "code": "checkup"},
        "steps": [{"id": key_of(title), "title": title, "fields": items} for title, items in STEPS.items()],
        "requires": [{"id": "r1", "type": "reservation", "settings": {**WANTED, **wanted}}],
    }
    return load_form(data, cast.children)


class Booker(Resident):
    """A resident who has filled in everything and stands before the picking page."""

    def arrive(self, *items: str, **answers: Any) -> "Booker":
        self.fill("1", {**PERSON, **answers})
        self.fill("2", {"受けたい項目": list(items) or ["stomach"]})
        return self

    def look(self, query: str = "") -> Response:
        return self.client.get(f"{self.url('reservation')}{query}")

    def pick(self, slot: Slot | int | str, key: str = "") -> Response:
        number = slot.pk if isinstance(slot, Slot) else slot
        return self.post("reservation", {"slot": number, "key": key})

    @property
    def booking(self) -> Booking:
        return Booking.objects.get(application=self.draft)

    def submit(self) -> None:
        """Declared, and the outbox is still to be delivered."""
        self.declare()
        self.get("done")


def offered(response: Response) -> list[int]:
    """The slots that can be pressed."""
    return [int(number) for number in re.findall(r'name="slot" value="(\d+)"', response.content.decode())]
