"""A year of slots in the database, looked at first; closing and resizing; limits that come later."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from wagtail.models import ModelLogEntry

from reservations import capacity, generation, services
from reservations.generation import copy_year, existing_slots, generate, preview, preview_copy
from reservations.invariant import problems
from reservations.layout import make_slots
from reservations.models import Bucket, Closure, PatternItem, Quota, Season, Slot, WeeklyPattern
from reservations.party import person_key
from reservations.refusals import AlreadyBooked, BelowBooked, Full
from reservations.relayout import lay_out, remove_quota, remove_slots
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_quota,
    add_season,
    add_slots,
    alone,
    applications,
    booked,
    bucket_of,
    family,
    make_check_up,
)
from tests.support.cast import Cast

YEAR = {"first": date(2027, 4, 1), "last": date(2028, 3, 31)}


def add_pattern(check_up: CheckUp, **settings: object) -> WeeklyPattern:
    given = {
        "calendar": check_up.calendar,
        "venue": check_up.venue,
        "weekdays": [0, 2],
        "starts": time(6),
        "ends": time(10),
        "minutes": 30,
        "limit_public": 12,
        "limit_total": 14,
        **settings,
    }
    pattern = WeeklyPattern(**given)
    pattern.full_clean()
    pattern.save()
    return pattern


def test_a_year_is_made_as_the_preview_said(cast: Cast, check_up: CheckUp) -> None:
    add_season(check_up, 2000)
    add_quota(check_up, 40, item=check_up.stomach)
    add_quota(check_up, 70, venue=check_up.other_venue)
    pattern = add_pattern(check_up)
    PatternItem.objects.create(pattern=pattern, item=check_up.lungs, limit_public=4, limit_total=5)
    add_pattern(check_up, venue=check_up.other_venue, weekdays=[2], ends=time(8))
    seen = preview(calendar=check_up.calendar, **YEAR)
    made = generate(calendar_id=check_up.calendar.pk, **YEAR, actor=cast.officer)
    assert made == seen
    assert Slot.objects.count() == len(made.make) > 900
    assert made.skipped[0].reason == "過ぎた日時"  # April 1st is gone when the test looks
    assert {"憲法記念日", "年末年始"} <= {skip.reason for skip in made.skipped}
    slot = Slot.objects.get(venue=check_up.venue, starts_at=_six(date(2027, 6, 9)))
    assert slot.day == date(2027, 6, 9)
    assert {(b.scope, b.item_id): (b.limit_public, b.limit_total) for b in slot.buckets.all()} == {
        ("slot", None): (12, 14),
        ("slot_item", check_up.lungs.pk): (4, 5),
        ("day", check_up.stomach.pk): (40, 40),
        ("season", None): (2000, 2000),
    }
    beside = Slot.objects.get(venue=check_up.other_venue, starts_at=_six(date(2027, 6, 9)))
    shared = set(slot.buckets.all()) & set(beside.buckets.all())
    assert {bucket.scope for bucket in shared} == {"day", "season"}
    assert beside.buckets.count() == 4  # its own, the stomach's of the day, the venue's of the day, the season's
    entry = ModelLogEntry.objects.get(action="reservations.generate")
    assert (entry.user, entry.data["made"]) == (cast.officer, len(made.make))


def test_a_year_that_was_interrupted_is_finished_by_the_next_time(
    cast: Cast, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_pattern(check_up)
    season = {"first": date(2027, 6, 1), "last": date(2027, 9, 30)}
    wanted = preview(calendar=check_up.calendar, **season)
    parts = iter((True, True, False))

    def make_or_break(*given: Any) -> list[Slot]:
        made = make_slots(*given)
        if not next(parts, True):
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(generation, "make_slots", make_or_break)
    with pytest.raises(KeyboardInterrupt):
        generate(calendar_id=check_up.calendar.pk, **season, actor=cast.officer)
    there = Slot.objects.count()
    assert {slot.day for slot in Slot.objects.all()} == {
        slot.day for slot in wanted.make if slot.day < date(2027, 7, 27)
    }
    rest = generate(calendar_id=check_up.calendar.pk, **season, actor=cast.officer)
    assert len(rest.make) == len(wanted.make) - there > 0
    assert existing_slots(check_up.calendar, season["first"], season["last"]) == list(wanted.make)
    notes = ModelLogEntry.objects.filter(action="reservations.generate").order_by("pk")
    assert [note.data["made"] for note in notes] == [there, len(rest.make)]
    assert not [*problems()]


def test_a_year_is_not_begun_when_a_new_limit_is_below_what_is_booked(cast: Cast, check_up: CheckUp) -> None:
    add_pattern(check_up)
    (slot,) = add_slots(check_up, places=2, day=date(2027, 9, 6))
    services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone(check_up.stomach) * 2)
    add_quota(check_up, 1, item=check_up.stomach)
    with pytest.raises(BelowBooked):
        generate(calendar_id=check_up.calendar.pk, **YEAR, actor=cast.officer)
    assert Slot.objects.get() == slot
    assert not ModelLogEntry.objects.filter(action="reservations.generate").exists()


def _six(day: date) -> str:
    return f"{day}T06:00:00+09:00"


def test_making_a_year_again_adds_only_what_is_missing(cast: Cast, check_up: CheckUp) -> None:
    add_pattern(check_up)
    generate(calendar_id=check_up.calendar.pk, **YEAR, actor=cast.officer)
    before = Slot.objects.count()
    assert generate(calendar_id=check_up.calendar.pk, **YEAR, actor=cast.officer).make == ()
    add_pattern(check_up, weekdays=[4], ends=time(7))
    again = generate(calendar_id=check_up.calendar.pk, **YEAR, actor=cast.officer)
    assert Slot.objects.count() == before + len(again.make)
    assert {slot.day.weekday() for slot in again.make} == {4}
    WeeklyPattern.objects.all().delete()
    assert len(preview(calendar=check_up.calendar, **YEAR).surplus) == Slot.objects.count()


def test_last_year_is_copied_onto_the_same_weekdays_with_the_sizes_it_had(cast: Cast, check_up: CheckUp) -> None:
    add_pattern(check_up)
    first, last = date(2027, 6, 7), date(2027, 6, 18)
    generate(calendar_id=check_up.calendar.pk, first=first, last=last, actor=cast.officer)
    resized, closed = Slot.objects.order_by("starts_at")[:2]
    capacity.resize_slot(slot_id=resized.pk, public=5, total=6, actor=cast.officer)
    capacity.close_slot(slot_id=closed.pk, actor=cast.officer, reason="機器の点検")
    Closure.objects.create(
        calendar=check_up.calendar, first_day=date(2028, 6, 7), last_day=date(2028, 6, 7), reason="議会"
    )
    year = timedelta(weeks=52)
    seen = preview_copy(calendar=check_up.calendar, first=first + year, last=last + year)
    made = copy_year(calendar_id=check_up.calendar.pk, first=first + year, last=last + year, actor=cast.officer)
    assert made == seen
    assert {skip.reason for skip in made.plan.skipped} == {"議会"}
    copies = existing_slots(check_up.calendar, first + year, last + year)
    assert len(copies) == 4 * 8 - 8 - 1  # without the day of the closure, and the one that was closed
    assert (copies[0].day, copies[0].public, copies[0].total) == (date(2028, 6, 5), 5, 6)
    assert [(ours.total, theirs.total) for ours, theirs in made.diff.limits] == [(6, 14)]
    assert [slot.day for slot in made.diff.only_week] == [date(2028, 6, 5)]


def test_a_capacity_below_what_is_booked_is_refused_with_the_bookings(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    people = applications(cast.form, 3)
    there = [services.hold(application=each, slot_id=slot.pk, party=alone()) for each in people]
    with pytest.raises(BelowBooked, match="3の予約") as refused:
        capacity.resize_slot(slot_id=slot.pk, public=2, total=2, actor=cast.officer)
    assert list(refused.value.bookings) == there
    assert bucket_of(slot).limit_total == 5
    capacity.resize_slot(slot_id=slot.pk, public=0, total=3, actor=cast.officer, reason="職員が減ったため")
    assert (bucket_of(slot).limit_public, bucket_of(slot).limit_total) == (0, 3)
    entry = ModelLogEntry.objects.get(action="reservations.limits")
    assert (entry.user, entry.data["reason"]) == (cast.officer, "職員が減ったため")


def test_a_whole_day_is_resized_or_nothing_of_it(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 3, places=5)
    (application,) = applications(cast.form, 1)
    services.hold(application=application, slot_id=slots[1].pk, party=family(3))
    with pytest.raises(BelowBooked):
        capacity.resize_day(calendar=check_up.calendar, day=FIRST_DAY, public=2, total=2, actor=cast.officer)
    assert {bucket_of(slot).limit_total for slot in slots} == {5}
    capacity.resize_day(calendar=check_up.calendar, day=FIRST_DAY, public=3, total=4, actor=cast.officer)
    assert {bucket_of(slot).limit_total for slot in slots} == {4}


def test_a_closed_day_takes_nobody_and_tells_who_is_there(cast: Cast, check_up: CheckUp) -> None:
    here, there = add_slots(check_up, places=5), add_slots(check_up, places=5, venue=check_up.other_venue)
    one, two, three = applications(cast.form, 3)
    booking = services.hold(application=one, slot_id=here[0].pk, party=alone())
    calendar = check_up.calendar
    concerned = capacity.close_day(
        calendar=calendar, day=FIRST_DAY, venue_id=check_up.venue.pk, actor=cast.officer, reason="停電"
    )
    assert concerned == [booking]
    with pytest.raises(Full, match="停止"):
        services.hold(application=two, slot_id=here[0].pk, party=alone())
    with pytest.raises(Full):
        services.staff_book(application=two, slot_id=here[0].pk, party=alone(), actor=cast.officer)
    services.hold(application=two, slot_id=there[0].pk, party=alone())
    services.change(booking_id=booking.pk, slot_id=there[0].pk)  # leaving is always possible
    capacity.close_day(calendar=calendar, day=FIRST_DAY, actor=cast.officer, reason="復旧", closed=False)
    services.hold(application=three, slot_id=here[0].pk, party=alone())
    assert list(problems()) == []


def test_a_limit_that_comes_later_counts_who_is_there_already(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 2, places=5)
    people = applications(cast.form, 4)
    for n, each in enumerate(people[:3]):
        services.hold(application=each, slot_id=slots[n % 2].pk, party=alone(check_up.stomach))
    quota = add_quota(check_up, 3, item=check_up.stomach)
    assert lay_out(calendar_id=check_up.calendar.pk, first=FIRST_DAY) == 2
    assert lay_out(calendar_id=check_up.calendar.pk, first=FIRST_DAY) == 0
    assert list(problems()) == []
    with pytest.raises(Full, match="胃"):
        services.hold(application=people[3], slot_id=slots[0].pk, party=alone(check_up.stomach))
    remove_quota(quota_id=quota.pk)
    services.hold(application=people[3], slot_id=slots[0].pk, party=alone(check_up.stomach))
    assert list(problems()) == []


def test_new_slots_and_old_ones_share_a_limit_that_came_between(cast: Cast, check_up: CheckUp) -> None:
    (old,) = add_slots(check_up, places=5)
    (application,) = applications(cast.form, 1)
    services.hold(application=application, slot_id=old.pk, party=family(2))
    quota = add_quota(check_up, 3)
    add_pattern(check_up, starts=time(8), ends=time(9))
    made = generate(calendar_id=check_up.calendar.pk, first=FIRST_DAY, last=FIRST_DAY, actor=cast.officer)
    assert (len(made.make), len(made.surplus)) == (2, 1)
    bucket = Bucket.objects.get(quota=quota)
    assert (bucket.taken, bucket.slots.count()) == (2, 3)
    assert list(problems()) == []


def test_venues_and_items_of_another_reception_are_refused(cast: Cast, check_up: CheckUp) -> None:
    check_up.calendar.code = "older"
    check_up.calendar.save()
    other = make_check_up(cast.waste)
    day = {"first_day": FIRST_DAY, "last_day": FIRST_DAY, "reason": "休診"}
    pattern = add_pattern(check_up)
    for wrong in (
        Quota(calendar=check_up.calendar, item=other.lungs, limit_public=1, limit_total=1),
        Quota(calendar=check_up.calendar, venue=other.venue, limit_public=1, limit_total=1),
        Closure(calendar=check_up.calendar, venue=other.venue, **day),
        PatternItem(pattern=pattern, item=other.lungs, limit_public=1, limit_total=1),
    ):
        with pytest.raises(ValidationError, match="同じ受付"):
            wrong.full_clean()
    with pytest.raises(ValidationError, match="同じ受付"):
        add_pattern(check_up, venue=other.venue)


def test_a_limit_below_what_is_booked_is_not_laid_out(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    (application,) = applications(cast.form, 1)
    booking = services.hold(application=application, slot_id=slot.pk, party=family(3))
    add_quota(check_up, 2)
    with pytest.raises(BelowBooked) as refused:
        lay_out(calendar_id=check_up.calendar.pk, first=FIRST_DAY)
    assert refused.value.bookings == (booking,)
    assert not Bucket.objects.filter(scope="day").exists()
    assert list(problems()) == []


def test_a_season_that_comes_later_takes_its_slots_in(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 2, places=5)
    (next_year,) = add_slots(check_up, places=5, day=FIRST_DAY.replace(year=2028, day=5))
    people, key = applications(cast.form, 3), person_key("ミホンハナコ")
    services.hold(application=people[0], slot_id=slots[0].pk, party=alone(person=key))
    with pytest.raises(AlreadyBooked):  # without a season, once is once in the whole reception
        services.hold(application=people[1], slot_id=next_year.pk, party=alone(person=key))
    season = add_season(check_up, 8)
    assert lay_out(calendar_id=check_up.calendar.pk, first=FIRST_DAY) == 2
    assert Bucket.objects.get(season=season).taken == 1
    services.hold(application=people[1], slot_id=next_year.pk, party=alone(person=key))
    with pytest.raises(AlreadyBooked):
        services.hold(application=people[2], slot_id=slots[1].pk, party=alone(person=key))
    assert list(problems()) == []


def test_a_season_counts_from_its_beginning_and_a_quota_from_the_day_it_is_laid_out(
    cast: Cast, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=5)
    (later,) = add_slots(check_up, places=5, day=FIRST_DAY + timedelta(days=1))
    for target, application in zip((slot, later), applications(cast.form, 2), strict=True):
        services.hold(application=application, slot_id=target.pk, party=family(2))
    season, quota = add_season(check_up, 9), add_quota(check_up, 3)
    assert lay_out(calendar_id=check_up.calendar.pk, first=later.day) == 2
    assert Bucket.objects.get(season=season).taken == 4
    assert list(Bucket.objects.filter(quota=quota).values_list("day", "taken")) == [(later.day, 2)]
    assert list(problems()) == []


def test_a_quota_is_resized_for_the_days_to_come(cast: Cast, check_up: CheckUp) -> None:
    quota = add_quota(check_up, 4)
    (slot,), (later,) = add_slots(check_up, places=9), add_slots(check_up, places=9, day=FIRST_DAY + timedelta(days=1))
    (application,) = applications(cast.form, 1)
    services.hold(application=application, slot_id=slot.pk, party=family(4))
    with pytest.raises(BelowBooked):
        capacity.resize_shared(source=quota, public=3, total=3, first=FIRST_DAY, actor=cast.officer)
    capacity.resize_shared(source=quota, public=3, total=3, first=later.day, actor=cast.officer)
    assert dict(Bucket.objects.filter(quota=quota).values_list("day", "limit_total")) == {slot.day: 4, later.day: 3}


def test_slots_that_nobody_booked_can_be_removed_and_the_others_stay(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 10)
    slots = add_slots(check_up, 3)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slots[1].pk, party=alone())
    services.release(booking_id=hold.pk)
    assert remove_slots(slot_ids=[slot.pk for slot in slots]) == 2
    assert Slot.objects.get() == slots[1]
    assert booked(slots[1]) == 0
    assert list(problems()) == []


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"weeks": [0]}, "weeks"),
        ({"ends": time(6)}, "ends"),
        ({"minutes": 50}, "minutes"),
        ({"limit_public": 15}, "limit_public"),
    ],
)
def test_hours_that_make_no_sense_are_refused_where_they_are_typed(
    check_up: CheckUp, settings: dict[str, object], where: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        add_pattern(check_up, **settings)
    assert where in refused.value.message_dict


def test_seasons_do_not_overlap_and_have_both_limits_or_none(check_up: CheckUp) -> None:
    add_season(check_up)
    day = date(2028, 3, 31)
    for wrong in (
        {"first_day": day, "last_day": day},
        {"first_day": day.replace(year=2030), "last_day": day.replace(year=2031), "limit_public": 3},
    ):
        with pytest.raises(ValidationError):
            Season(calendar=check_up.calendar, name="重なり", **wrong).full_clean()


@pytest.mark.parametrize("wrong", [{"taken": 6}, {"limit_public": 6}, {"limit_total": 1}])
def test_the_database_refuses_a_bucket_that_holds_more_than_it_can(
    cast: Cast, check_up: CheckUp, wrong: dict[str, int]
) -> None:
    (slot,) = add_slots(check_up, places=5)
    (application,) = applications(cast.form, 1)
    services.hold(application=application, slot_id=slot.pk, party=family(2))
    with pytest.raises(IntegrityError), transaction.atomic():
        Bucket.objects.filter(pk=bucket_of(slot).pk).update(**wrong)
