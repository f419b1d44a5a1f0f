"""Waiting list and lottery at the desk: for officers of the reception's department alone; every change has a reason."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.models import Application, Event, ExportRecord
from applications.status import Status
from cms.models import Role
from reservations import services
from reservations.lottery.entering import enter
from reservations.models import Calendar, Lottery, LotteryState, Result, Wait, WaitingEntry
from reservations.waiting.entries import join
from staff.models import User
from tests.applications.residents import text_of
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots, alone, applications
from tests.support.cast import Cast, make_staff


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def entries(cast: Cast, check_up: CheckUp) -> list[WaitingEntry]:
    (slot,) = add_slots(check_up)
    people = applications(cast.form, 4)
    services.hold(application=people[0], slot_id=slot.pk, party=alone())
    names = ("見本 花子", "見本 太郎", "見本 次郎")
    return [
        join(application=each, slot_id=slot.pk, party=alone(name=name))
        for each, name in zip(people[1:], names, strict=True)
    ]


@pytest.fixture
def lottery(cast: Cast, check_up: CheckUp) -> Lottery:
    add_slots(check_up, places=2, venue=check_up.other_venue)
    now = timezone.now()
    return Lottery.objects.create(
        calendar=check_up.calendar,
        name="前期",
        first_day=FIRST_DAY,
        last_day=FIRST_DAY,
        opens_at=now,
        closes_at=now + timedelta(days=1),
    )


def addresses(entry: WaitingEntry, lottery: Lottery) -> list[str]:
    return [
        reverse("waiting_desk:front", args=(entry.pk,)),
        reverse("waiting_desk:remove", args=(entry.pk,)),
        reverse("waiting_desk:called", args=(entry.pk,)),
        reverse("lottery_desk:edit", args=(lottery.pk,)),
        reverse("lottery_desk:add", args=(lottery.calendar.code,)),
        reverse("lottery_desk:lottery", args=(lottery.pk,)),
    ]


def test_the_list_opens_where_somebody_waits(cast: Cast, check_up: CheckUp, entries: list[WaitingEntry]) -> None:
    other = Calendar.objects.create(
        department=cast.children, name="あ", code="first-of-all", valid_from=check_up.calendar.valid_from
    )
    client = browser(cast.officer)
    assert client.get(reverse("lottery_desk:list")).context["calendar"] == other
    assert client.get(reverse("waiting_desk:list")).context["calendar"] == check_up.calendar
    WaitingEntry.objects.update(state=Wait.LEFT, ended_at=timezone.now())
    assert client.get(reverse("waiting_desk:list")).context["calendar"] == other


def test_another_department_finds_nothing(
    cast: Cast, check_up: CheckUp, entries: list[WaitingEntry], lottery: Lottery
) -> None:
    client = browser(cast.other_officer)
    for address in addresses(entries[0], lottery):
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"reason": "x", "action": "draw", "sure": "yes"}).status_code == 404, address
    assert client.post(reverse("lottery_desk:results", args=(lottery.pk,))).status_code == 404
    for name in ("waiting_desk:list", "lottery_desk:list"):
        page = text_of(client.get(reverse(name)))
        assert "見本 花子" not in page
        assert "前期" not in page
        assert client.get(f"{reverse(name)}?reception=kenshin").status_code == 404
    assert WaitingEntry.objects.filter(state=Wait.WAITING).count() == 3


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.EXPORTER, Role.APPROVER])
def test_who_is_no_officer_does_not_get_in(
    cast: Cast, entries: list[WaitingEntry], lottery: Lottery, role: Role
) -> None:
    client = browser(make_staff(f"x{role}", (cast.children, role)))
    for address in [*addresses(entries[0], lottery), reverse("waiting_desk:list"), reverse("lottery_desk:list")]:
        assert client.get(address).status_code in (302, 403, 404), address
    assert client.post(reverse("lottery_desk:results", args=(lottery.pk,))).status_code == 404


def test_an_auditor_looks_and_changes_nothing(cast: Cast, entries: list[WaitingEntry], lottery: Lottery) -> None:
    client = browser(cast.auditor)
    page = text_of(client.get(reverse("waiting_desk:list")))
    assert "見本 花子" in page
    assert "先頭に" not in page
    assert client.get(reverse("waiting_desk:remove", args=(entries[0].pk,))).status_code == 404
    there = reverse("lottery_desk:lottery", args=(lottery.pk,))
    assert client.get(there).status_code == 200
    assert client.post(there, {"action": "open"}).status_code == 404
    assert client.post(reverse("lottery_desk:results", args=(lottery.pk,))).status_code == 404


def test_the_list_shows_the_order_and_what_is_offered(cast: Cast, entries: list[WaitingEntry]) -> None:
    Application.objects.filter(pk=entries[1].application_id).update(
        status=Status.SUBMITTED, reference="R1", received_at=timezone.now()
    )
    client = browser(cast.officer)
    response = client.get(reverse("waiting_desk:list"))
    page = text_of(response)
    assert page.index("見本 花子") < page.index("見本 太郎") < page.index("見本 次郎")
    links = response.content.decode()
    assert reverse("casework:case", args=(entries[1].application.public_id,)) in links
    # of a draft the desk sees who waits, and nothing else
    assert reverse("casework:case", args=(entries[0].application.public_id,)) not in links
    services.drop(application_id=Application.objects.earliest("pk").pk)
    assert "案内中（4月6日 10:00まで）" in text_of(client.get(reverse("waiting_desk:list")))


def test_staff_change_the_order_with_a_reason(cast: Cast, entries: list[WaitingEntry]) -> None:
    client, there = browser(cast.officer), reverse("waiting_desk:front", args=(entries[2].pk,))
    assert "見本 次郎" in text_of(client.get(there))
    refused = client.post(there, {"reason": "  \x00 "})
    assert refused.status_code == 409
    assert "理由を入力してください" in text_of(refused)
    answer = client.post(there, {"reason": "通院のため"}, follow=True)
    page = text_of(answer)
    assert "順番を先頭に変えました" in page
    assert page.index("見本 次郎") < page.index("見本 花子")
    assert Event.objects.get(kind="waiting_moved").data["reason"] == "通院のため"
    out = reverse("waiting_desk:remove", args=(entries[0].pk,))
    assert "キャンセル待ちから外しました" in text_of(client.post(out, {"reason": "本人から電話"}, follow=True))
    assert client.post(reverse("waiting_desk:front", args=(entries[0].pk,)), {"reason": "x"}).status_code == 409


FORM = {
    "name": "後期",
    "first_day": "2027-07-01",
    "last_day": "2027-07-31",
    "opens_at": "2027-05-01T09:00",
    "closes_at": "2027-05-31T17:00",
    "draws_at": "",
    "wishes": "3",
    "reserves": "",
}


def test_an_officer_sets_up_a_lottery(cast: Cast, check_up: CheckUp, lottery: Lottery) -> None:
    client, there = browser(cast.officer), reverse("lottery_desk:add", args=("kenshin",))
    assert client.get(there).status_code == 200
    wrong: list[tuple[dict[str, str], str]] = [
        ({"last_day": "2027-06-30"}, "最終日は"),
        ({"closes_at": "2027-04-01T00:00"}, "締切は"),
        ({"draws_at": "2027-05-30T00:00"}, "抽選の日時は"),
        ({"first_day": "2027-06-01"}, "ほかの抽選と日が重なっています"),
        ({"wishes": "0"}, "1"),
        ({"first_day": "きのう"}, "日付を"),
    ]
    for change, message in wrong:
        answer = client.post(there, FORM | change)
        assert (answer.status_code, message in text_of(answer)) == (400, True), change
    assert "保存しました" in text_of(client.post(there, FORM, follow=True))
    made = Lottery.objects.get(name="後期")
    edit = reverse("lottery_desk:edit", args=(made.pk,))
    client.post(edit, FORM | {"name": "秋"})
    made.refresh_from_db()
    assert (made.name, made.state) == ("秋", LotteryState.PREPARED)
    gone = client.post(reverse("lottery_desk:lottery", args=(made.pk,)), {"action": "delete"}, follow=True)
    assert "抽選を削除しました" in text_of(gone)
    assert not Lottery.objects.filter(pk=made.pk).exists()
    Lottery.objects.update(state=LotteryState.OPEN, seed_hash="x")
    kept = client.post(reverse("lottery_desk:lottery", args=(lottery.pk,)), {"action": "delete"})
    assert (kept.status_code, "削除できません" in text_of(kept)) == (409, True)


def test_an_officer_opens_and_draws_and_takes_the_results(
    cast: Cast, check_up: CheckUp, lottery: Lottery, clock: time_machine.Traveller
) -> None:
    client, there = browser(cast.officer), reverse("lottery_desk:lottery", args=(lottery.pk,))
    assert "受付を始める" in text_of(client.get(there))
    assert "受付を始めました" in text_of(client.post(there, {"action": "open"}, follow=True))
    lottery.refresh_from_db()
    assert lottery.seed_hash in text_of(client.get(there))
    assert lottery.seed not in client.get(there).content.decode()
    assert client.get(reverse("lottery_desk:edit", args=(lottery.pk,))).status_code == 404
    slots = [slot.pk for slot in lottery.slots.order_by("pk")]
    for number, each in enumerate(applications(cast.form, 4)):
        enter(lottery_id=lottery.pk, application=each, party=alone(name=f"=見本{number}"), slots=slots)
        if number < 3:
            Application.objects.filter(pk=each.pk).update(
                status=Status.SUBMITTED, reference=f"R{number}", received_at=timezone.now()
            )
    assert "うち申請が未完了 1件" in text_of(client.get(there))
    assert client.post(there, {"action": "draw", "sure": "yes"}).status_code == 409  # too early
    clock.shift(timedelta(days=2))
    client = browser(cast.officer)  # the session of the day before yesterday is over
    unsure = client.post(there, {"action": "draw"})
    assert (unsure.status_code, "やり直せません" in text_of(unsure)) == (409, True)
    drawn = text_of(client.post(there, {"action": "draw", "sure": "yes"}, follow=True))
    for words in ("抽選しました", "当選 2件・補欠 1件・無効（申請が未完了） 1件", lottery.seed):
        assert words in drawn
    file = client.post(reverse("lottery_desk:results", args=(lottery.pk,)))
    text = file.content.decode("utf-8-sig")
    assert text.startswith("抽選の順番,抽選番号,氏名")
    assert "\n=" not in text.replace(",=", "\n=")  # nobody's name is a formula
    assert ExportRecord.objects.get().form_title == f"抽選結果　{lottery}"


def test_everybody_can_read_how_it_was_drawn(
    cast: Cast, check_up: CheckUp, lottery: Lottery, clock: time_machine.Traveller
) -> None:
    public = reverse("lottery", args=(lottery.pk,))
    assert Client().get(public).status_code == 404
    browser(cast.officer).post(reverse("lottery_desk:lottery", args=(lottery.pk,)), {"action": "open"})
    lottery.refresh_from_db()
    before = text_of(Client().get(public))
    assert lottery.seed_hash in before
    assert lottery.seed not in before
    (application,) = applications(cast.form, 1)
    enter(lottery_id=lottery.pk, application=application, party=alone(name="見本 花子"), slots=[lottery.slots.get().pk])
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, reference="R", received_at=timezone.now()
    )
    clock.shift(timedelta(days=2))
    browser(cast.officer).post(reverse("lottery_desk:lottery", args=(lottery.pk,)), {"action": "draw", "sure": "yes"})
    after: Any = text_of(Client().get(public))
    assert lottery.seed in after
    assert "1 1 当選" in after
    assert "見本" not in after
    assert lottery.entries.get().result == Result.WON
