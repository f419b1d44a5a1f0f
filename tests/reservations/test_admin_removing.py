"""What slots, bookings or forms depend on is not removed, and the reason says what to do."""

from datetime import date, time

import pytest
from django.test import Client

from reservations.generation import generate
from reservations.models import Bucket, Calendar, Item, Opening, Scope, Slot, Venue, WeeklyPattern
from reservations.services import staff_cancel
from tests.reservations.admin import add_pattern, book, history, said, url
from tests.reservations.scene import FIRST_DAY, CheckUp, add_quota, add_season, add_slots, alone
from tests.support.cast import Cast, make_form


@pytest.fixture(autouse=True)
def clerk(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)


def test_a_venue_with_slots_or_rules_is_not_removed(client: Client, check_up: CheckUp) -> None:
    address = url("delete_row", check_up.calendar, "venues", check_up.venue.pk)
    add_pattern(check_up.calendar, check_up.venue)
    assert "この会場は曜日と時間1件で使われています。" in said(client.get(address))
    add_slots(check_up, 3)
    for answer in (client.get(address), client.post(address)):
        assert "この会場には枠が3あり（うち予約のあった枠0）、削除できません。" in said(answer)
    assert Venue.objects.filter(pk=check_up.venue.pk).exists()


def test_an_item_that_somebody_chose_is_not_removed(client: Client, cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, items={check_up.stomach: 3})
    address = url("delete_row", check_up.calendar, "items", check_up.stomach.pk)
    assert "枠1件で使われています。" in said(client.post(address))
    booking = book(cast.children, slot.pk, alone(check_up.stomach))
    staff_cancel(booking_id=booking.pk, actor=cast.officer, reason="電話")
    answer = client.post(address)
    assert (answer.status_code, Item.objects.filter(pk=check_up.stomach.pk).exists()) == (409, True)
    assert "この項目を選んだ予約が1件あり" in said(answer)


def test_hours_with_slots_to_come_are_not_removed_and_empty_ones_are(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    calendar = check_up.calendar
    pattern = add_pattern(calendar, check_up.venue)
    address = url("delete_row", calendar, "patterns", pattern.pk)
    generate(calendar_id=calendar.pk, first=FIRST_DAY, last=FIRST_DAY, actor=cast.officer)
    answer = client.post(address)
    assert answer.status_code == 409
    assert "ここから作った枠が今日から先に4あり、削除できません。" in said(answer)
    twin = add_pattern(calendar, check_up.venue)  # the slots would be there without the first one, too
    assert client.post(address).status_code == 302
    Slot.objects.all().delete()
    assert client.post(url("delete_row", calendar, "patterns", twin.pk)).status_code == 302
    assert not WeeklyPattern.objects.exists()


def test_an_opening_with_slots_and_a_season_with_slots_are_not_removed(client: Client, check_up: CheckUp) -> None:
    calendar, season = check_up.calendar, add_season(check_up)
    hours = {"starts": time(6), "ends": time(7), "limit_public": 1, "limit_total": 1}
    opening = Opening.objects.create(calendar=calendar, venue=check_up.venue, day=FIRST_DAY, **hours)
    past = Opening.objects.create(calendar=calendar, venue=check_up.venue, day=date(2027, 4, 1), **hours)
    add_slots(check_up)
    assert "この日のこの会場には枠が1あり" in said(client.post(url("delete_row", calendar, "openings", opening.pk)))
    assert "この期には枠が1あり" in said(client.post(url("delete_row", calendar, "seasons", season.pk)))
    assert client.post(url("delete_row", calendar, "openings", past.pk)).status_code == 302


def test_a_quota_is_removed_with_its_counters(client: Client, cast: Cast, check_up: CheckUp) -> None:
    quota = add_quota(check_up, 40, item=check_up.stomach)
    (slot,) = add_slots(check_up)
    book(cast.children, slot.pk, alone(check_up.stomach))
    assert client.post(url("delete_row", check_up.calendar, "quotas", quota.pk)).status_code == 302
    assert not Bucket.objects.filter(scope=Scope.DAY).exists()
    assert history(check_up.calendar) == ["1日の定員「1日の定員 胃（バリウム） 40」を削除"]


def test_a_reception_with_slots_or_forms_is_not_removed(client: Client, cast: Cast, check_up: CheckUp) -> None:
    calendar = check_up.calendar
    address = url("delete", calendar)
    form = make_form(cast.children)
    version = form.versions.get(is_current=True)
    document = version.document | {"requires": {"reservation": {"calendar": calendar.code}}}
    type(version).objects.filter(pk=version.pk).update(document=document)
    assert f"申請フォーム「{form.title}」がこの受付を使っています。" in said(client.post(address))
    type(version).objects.filter(pk=version.pk).update(document=document | {"requires": {}})
    quota, (slot,) = add_quota(check_up, 3), add_slots(check_up)
    assert "この受付には枠が1あり" in said(client.post(address))
    assert Calendar.objects.filter(pk=calendar.pk).exists()
    slot.delete()
    assert quota.buckets.exists()  # of a day that has no slots any more
    assert client.post(address)["Location"] == url("index")
    assert not Calendar.objects.exists()
