"""Whose reception it is decides who finds it; who comes is for those who read the department's applications."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from cms.models import Role
from reservations.models import Booking, Bucket, Calendar, Slot, Venue
from reservations.setup.access import ReceptionPolicy, may_set_up, receptions_of
from reservations.setup.sections import SECTIONS
from staff.models import User
from tests.reservations.admin import KINDS, add_pattern, book, fill, said, url
from tests.reservations.drawn import enter_all, open_one
from tests.reservations.scene import FIRST_DAY, CheckUp, add_quota, add_season, add_slots, alone, bucket_of
from tests.support.cast import Cast, make_staff


@pytest.fixture
def slot(check_up: CheckUp) -> Slot:
    add_pattern(check_up.calendar, check_up.venue)
    add_quota(check_up, 40, item=check_up.stomach)
    add_season(check_up)
    (slot,) = add_slots(check_up, places=2)
    return slot


def pages(check_up: CheckUp, slot: Slot) -> Iterator[str]:
    """Every address of the reception."""
    calendar = check_up.calendar
    for name in ("hub", "edit", "delete", "make", "copy", "differences", "slots", "history", "history_results"):
        yield url(name, calendar)
    yield url("month", calendar, 2027, 6)
    yield url("day", calendar, 2027, 6, 7)
    yield url("slot", calendar, slot.pk)
    for kind in KINDS:
        yield url("add_row", calendar, kind)
    yield url("edit_row", calendar, "venues", check_up.venue.pk)
    yield url("delete_row", calendar, "venues", check_up.venue.pk)


def test_every_kind_is_looked_at() -> None:
    assert set(KINDS) == set(SECTIONS)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.OFFICER])
def test_who_builds_or_handles_a_departments_procedures_opens_its_receptions(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client, role: Role
) -> None:
    client.force_login(make_staff("clerk", (cast.children, role)))
    assert check_up.calendar.name in said(client.get(url("index")))
    assert {address: client.get(address).status_code for address in pages(check_up, slot)} == dict.fromkeys(
        pages(check_up, slot), 200
    )


def test_an_officer_of_another_department_finds_nothing_and_changes_nothing(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    client.force_login(cast.other_officer)
    assert check_up.calendar.name not in said(client.get(url("index")))
    bucket = bucket_of(slot)
    chosen = {"chosen": bucket.pk, "act": "close", "first": "2027-06-01", "last": "2027-06-30", "make": "0"}
    for address in pages(check_up, slot):
        assert client.get(address).status_code == 404, address
        if "history" not in address:
            assert client.post(address, chosen).status_code == 404, address
    assert Calendar.objects.filter(pk=check_up.calendar.pk).exists()
    assert Venue.objects.filter(pk=check_up.venue.pk).exists()
    assert not Bucket.objects.get(pk=bucket.pk).closed


def test_rows_and_slots_of_another_reception_are_not_reached_through_ones_own(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    mine = Calendar.objects.create(department=cast.waste, name="粗大ごみ", code="sodai", valid_from=FIRST_DAY)
    client.force_login(cast.other_officer)
    for address in (
        url("edit_row", mine, "venues", check_up.venue.pk),
        url("delete_row", mine, "venues", check_up.venue.pk),
        url("slot", mine, slot.pk),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "乗っ取り"}).status_code == 404
    answer = client.post(url("day", mine, 2027, 6, 7), {"chosen": bucket_of(slot).pk, "act": "close"})
    assert answer.status_code == 400
    assert not bucket_of(slot).closed


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EXPORTER, Role.APPROVER])
def test_other_roles_may_not_enter(cast: Cast, check_up: CheckUp, slot: Slot, client: Client, role: Role) -> None:
    client.force_login(make_staff("other", (cast.children, role)))
    for address in [url("add"), url("balance"), *pages(check_up, slot)]:
        # Wagtail leads those who lack a permission back to its first page
        assert client.get(address).status_code in {302, 403, 404}, address
        assert client.post(address).status_code in {302, 403, 404, 405}, address
    assert "予約の受付" not in said(client.get("/admin/"))


def test_nobody_enters_without_an_account(check_up: CheckUp, slot: Slot, client: Client) -> None:
    for address in [url("index"), url("add"), url("balance"), *pages(check_up, slot)]:
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_an_administrator_sees_all_receptions_but_not_who_comes(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    book(cast.children, slot.pk, alone())
    client.force_login(cast.admin)
    assert check_up.calendar.name in said(client.get(url("index")))
    page = said(client.get(url("slot", check_up.calendar, slot.pk)))
    assert "見本 花子" not in page
    assert "申請を見る役割がない" in page


def test_an_officer_reads_who_comes_and_an_editor_does_not(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    booking: Booking = book(cast.children, slot.pk, alone())
    address = url("slot", check_up.calendar, slot.pk)
    client.force_login(cast.officer)
    page = said(client.get(address))
    assert "見本 花子" in page
    assert f'href="/admin/cases/{booking.application.public_id}/"' in page
    client.force_login(cast.editor)
    page = said(client.get(address))
    assert "見本 花子" not in page
    assert str(booking.application.reference) not in page


def test_a_booking_of_another_departments_form_is_counted_and_not_named(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    booking: Booking = book(cast.waste, slot.pk, alone(), form=cast.other_form)
    client.force_login(cast.officer)
    page = said(client.get(url("slot", check_up.calendar, slot.pk)))
    assert "予約（1件）" in page
    assert "見本 花子" not in page
    assert str(booking.application.reference) not in page


def test_a_new_reception_belongs_to_one_of_ones_own_departments(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    page = client.get(url("add"))
    assert list(page.context["form"].fields["department"].queryset) == [cast.children]
    answer = client.post(url("add"), {"name": "横取り", "department": cast.waste.pk})
    assert answer.context["form"].errors["department"] == ["所管課を一覧から選んでください。"]
    assert not Calendar.objects.exists()


def test_the_policy_answers_as_the_pages_do(cast: Cast, check_up: CheckUp) -> None:
    policy = ReceptionPolicy(Calendar)
    assert policy.user_has_permission_for_instance(cast.officer, "change", check_up.calendar)
    assert not policy.user_has_permission_for_instance(cast.other_officer, "change", check_up.calendar)
    assert set(policy.users_with_any_permission(["change"])) >= {cast.officer}
    assert not may_set_up(AnonymousUser())
    assert not receptions_of(AnonymousUser()).exists()


def test_who_has_left_sets_up_nothing(cast: Cast, check_up: CheckUp) -> None:
    User.objects.filter(pk__in=[cast.officer.pk, cast.admin.pk]).update(is_active=False)
    for user in User.objects.all():
        assert not may_set_up(user)
        assert not receptions_of(user).exists()


def test_a_reception_whose_lottery_has_entries_stays_with_its_department(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    lottery = open_one(cast, check_up)
    client.force_login(cast.admin)
    assert not client.get(url("edit", check_up.calendar)).context["form"].fields["department"].disabled
    enter_all(cast, lottery, [slot], 1)
    assert client.get(url("edit", check_up.calendar)).context["form"].fields["department"].disabled


def test_a_reception_that_has_bookings_stays_with_its_department(
    cast: Cast, check_up: CheckUp, slot: Slot, client: Client
) -> None:
    client.force_login(cast.admin)
    address = url("edit", check_up.calendar)
    assert not client.get(address).context["form"].fields["department"].disabled
    book(cast.children, slot.pk, alone())
    fill(client, address, department=cast.waste.pk, name="総合検診（秋）")
    check_up.calendar.refresh_from_db()
    assert (check_up.calendar.name, check_up.calendar.department) == ("総合検診（秋）", cast.children)
    client.force_login(cast.other_officer)
    assert client.get(url("hub", check_up.calendar)).status_code == 404
