"""Who calls for a full slot waits like anybody else, behind who waits already; the desk tells them, and books."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.models import Channel, Event
from applications.status import Status
from formbuilder.models import FormPage
from reservations import services
from reservations.deadlines import after_working_hours
from reservations.invariant import problems
from reservations.models import Booking, Slot, State, Wait, WaitingEntry
from reservations.waiting.entries import join
from tests.reservations.desk import Clerk, booked_by_staff, make_checkup_form
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots, alone, applications, booked
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    return make_checkup_form(cast.children)


@pytest.fixture
def slot(check_up: CheckUp) -> Slot:
    (slot,) = add_slots(check_up)
    return slot


@pytest.fixture
def there(cast: Cast, form: FormPage, slot: Slot) -> Booking:
    """The one place is taken."""
    booking = booked_by_staff(form, slot, cast.officer)
    services.staff_change(
        booking_id=booking.pk, slot_id=slot.pk, actor=cast.officer, reason="別の人", party=alone(name="先 の人")
    )
    return booking


def test_the_day_leads_from_a_full_slot_to_the_list(cast: Cast, there: Booking, slot: Slot, client: Client) -> None:
    client.force_login(cast.officer)
    day = client.get(reverse("ledger:day", args=("kenshin",)), {"day": FIRST_DAY.isoformat()}).content.decode()
    assert "電話でキャンセル待ち" in day and "電話で予約" not in day
    page = Clerk(client, cast.officer, slot).open()
    assert 'value="wait"' in page and "予約する</button>" not in page
    slot.calendar.waiting_list = False
    slot.calendar.save()
    day = client.get(reverse("ledger:day", args=("kenshin",)), {"day": FIRST_DAY.isoformat()}).content.decode()
    assert "電話でキャンセル待ち" not in day
    assert 'value="wait"' not in Clerk(client, cast.officer, slot).open()


def test_who_calls_waits_behind_who_waits_and_is_booked_by_the_desk(
    cast: Cast, there: Booking, slot: Slot, form: FormPage, client: Client
) -> None:
    (early,) = applications(form, 1)
    before = join(application=early, slot_id=slot.pk, party=alone(name="見本 先"))
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    first, second = clerk.send("wait"), clerk.send("wait")  # a double tap
    assert first.url == second.url == f"{reverse('waiting_desk:list')}?reception=kenshin"
    entry = WaitingEntry.objects.exclude(pk=before.pk).get()
    assert (entry.state, entry.application.channel, entry.email) == (Wait.WAITING, Channel.PHONE, "")
    assert Event.objects.get(kind="waiting_joined", application=entry.application).actor == cast.officer
    assert "（2番目）" in client.get(first.url).content.decode()
    assert client.post(reverse("waiting_desk:take", args=(entry.pk,))).status_code == 409  # not yet their turn

    services.staff_cancel(booking_id=there.pk, actor=cast.officer, reason="電話")
    before.refresh_from_db()
    assert before.booking is not None
    services.release(booking_id=before.booking.pk)
    page = client.get(first.url).content.decode()
    assert "<strong>電話で案内</strong> 025-012-3456（4月6日 10:00まで）" in page
    take = reverse("waiting_desk:take", args=(entry.pk,))
    assert take in page and "025-012-3456" in client.get(take).content.decode()
    for _ in range(2):
        client.post(take)
    entry.refresh_from_db()
    assert (entry.state, entry.application.status) == (Wait.TAKEN, Status.SUBMITTED)
    booking = Booking.objects.get(application=entry.application)
    assert (booking.state, booking.channel, booked(slot)) == (State.CONFIRMED, Channel.PHONE, 1)
    assert not [*problems()]


def test_where_a_place_is_free_nobody_has_to_wait(cast: Cast, form: FormPage, slot: Slot, client: Client) -> None:
    clerk = Clerk(client, cast.officer, slot)
    assert 'value="wait"' not in clerk.open()
    assert clerk.send("wait").status_code == 409
    assert not WaitingEntry.objects.exists() and booked(slot) == 0


def test_who_finds_the_slot_full_may_wait_for_it_though_a_free_one_is_offered(
    cast: Cast, there: Booking, slot: Slot, check_up: CheckUp, client: Client
) -> None:
    (free,) = add_slots(check_up, venue=check_up.other_venue)
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    refused = clerk.send()
    page = refused.content.decode()
    assert refused.status_code == 409 and 'value="wait"' in page and f'name="slot" value="{free.pk}" checked' in page
    assert clerk.send("wait", slot=str(free.pk)).status_code == 302
    assert WaitingEntry.objects.get().slot == slot
    assert booked(free) == 0


def test_what_is_wrong_with_the_answers_is_said_before_anybody_waits(
    cast: Cast, there: Booking, slot: Slot, client: Client
) -> None:
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    assert clerk.send("wait", 電話番号="12").status_code == 422
    assert not WaitingEntry.objects.exists()


def test_a_residents_own_wait_has_no_number_and_is_not_taken_by_the_desk(
    cast: Cast, there: Booking, slot: Slot, form: FormPage, client: Client
) -> None:
    (application,) = applications(form, 1)
    entry = join(application=application, slot_id=slot.pk, party=alone(name="見本 花子"))
    services.staff_cancel(booking_id=there.pk, actor=cast.officer, reason="電話")
    client.force_login(cast.officer)
    page = client.get(reverse("waiting_desk:list")).content.decode()
    take = reverse("waiting_desk:take", args=(entry.pk,))
    assert "案内中" in page and "電話で案内" not in page and take not in page
    assert client.post(take).status_code == 409
    client.force_login(cast.other_officer)
    assert client.post(take).status_code == 404
    entry.refresh_from_db()
    assert entry.state == Wait.OFFERED


@pytest.fixture
def called_for(cast: Cast, there: Booking, slot: Slot, client: Client) -> WaitingEntry:
    """Somebody who called for the full slot, whose turn it is now."""
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    clerk.send("wait")
    services.staff_cancel(booking_id=there.pk, actor=cast.officer, reason="電話")
    return WaitingEntry.objects.select_related("calendar").get()


def where_staff_look(client: Client) -> tuple[str, str]:
    """The ledger's day, and the first page of the admin."""
    day = client.get(reverse("ledger:day", args=("kenshin",)), {"day": FIRST_DAY.isoformat()}).content.decode()
    return day, client.get(reverse("wagtailadmin_home")).content.decode()


def test_whom_to_call_stands_on_the_ledger_and_on_the_first_page_until_they_have_heard(
    cast: Cast, called_for: WaitingEntry, client: Client
) -> None:
    said = reverse("waiting_desk:called", args=(called_for.pk,))
    for page in where_staff_look(client):
        assert "見本 花子" in page and "025-012-3456" in page and "4月6日（火）10:00" in page
    unheard = client.post(said, {"reached": "no", "day": FIRST_DAY.isoformat()})
    assert unheard["Location"] == f"{reverse('ledger:day', args=('kenshin',))}?day={FIRST_DAY.isoformat()}"
    day, home = where_staff_look(client)
    assert "4月5日 10:00 つながらず" in day and "025-012-3456" in home
    for _ in range(2):  # a double tap
        assert client.post(said, {"reached": "yes"})["Location"] == f"{reverse('waiting_desk:list')}?reception=kenshin"
    assert all("025-012-3456" not in page for page in where_staff_look(client))
    assert "4月5日 10:00 伝えた" in client.get(reverse("waiting_desk:list")).content.decode()
    told = Event.objects.filter(application=called_for.application, actor=cast.officer)
    assert [*told.order_by("pk").values_list("kind", flat=True)][-2:] == ["waiting_not_reached", "waiting_reached"]


def test_whom_to_call_is_the_business_of_officers_of_the_reception(
    cast: Cast, called_for: WaitingEntry, client: Client
) -> None:
    said = reverse("waiting_desk:called", args=(called_for.pk,))
    assert client.post(said, {"reached": "maybe"}).status_code == 404
    for user in (cast.other_officer, cast.auditor, cast.editor):
        client.force_login(user)
        assert client.post(said, {"reached": "yes"}).status_code in (302, 404)
        assert "025-012-3456" not in client.get(reverse("wagtailadmin_home")).content.decode()
    called_for.refresh_from_db()
    assert (called_for.called_at, called_for.reached) == (None, False)


def test_nobody_is_called_for_what_is_over(cast: Cast, called_for: WaitingEntry, client: Client) -> None:
    assert called_for.booking is not None
    services.release(booking_id=called_for.booking.pk)
    assert all("025-012-3456" not in page for page in where_staff_look(client))
    said = reverse("waiting_desk:called", args=(called_for.pk,))
    assert "この案内は、すでに終わっています" in client.post(said, {"reached": "yes"}, follow=True).content.decode()
    assert not Event.objects.filter(kind="waiting_reached").exists()


def test_who_has_to_be_called_is_not_passed_by_over_a_weekend(
    cast: Cast, there: Booking, slot: Slot, client: Client, clock: time_machine.Traveller
) -> None:
    """A mail is read on a Saturday; nobody calls on one."""
    clerk = Clerk(client, cast.officer, slot)
    clerk.open()
    clerk.send("wait")
    clock.shift(timedelta(days=4, hours=7))  # Friday at five
    services.staff_cancel(booking_id=there.pk, actor=cast.officer, reason="電話")
    entry = WaitingEntry.objects.get()
    assert entry.offered_until is not None
    assert f"{timezone.localtime(entry.offered_until):%m-%d %H:%M %a}" == "04-12 17:00 Mon"


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2027-04-06 10:00", 24, "2027-04-07 10:00"),
        ("2027-04-09 17:00", 24, "2027-04-12 17:00"),  # Friday
        ("2027-04-10 18:56", 24, "2027-04-13 18:56"),  # Saturday: Monday is the first day
        ("2027-04-09 20:00", 6, "2027-04-12 02:00"),
        ("2027-04-28 09:00", 48, "2027-05-06 09:00"),  # 昭和の日, and the first week of May
        ("2027-12-28 09:00", 24, "2028-01-04 09:00"),
    ],
)
def test_hours_for_a_call_pass_on_working_days(since: str, hours: int, until: str) -> None:
    begins, ends = (timezone.make_aware(datetime.fromisoformat(text)) for text in (since, until))
    assert after_working_hours(begins, hours) == ends
