"""One day of a reception: by venue and slot, who comes, and what is still free. A constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from reservations.availability import Choice, choices
from reservations.expiry import dead_holds
from reservations.ledger.people import Told, told_of, told_of_others
from reservations.models import ACTIVE, Attendance, Attendee, Booking, Calendar, Item, Slot, State, Venue


@dataclass(frozen=True, slots=True)
class Wish:
    """One item of the reception, for one person. mark: of the item, None while there is none."""

    item: Item
    asked: bool
    mark: Attendance | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """name: of the person, else of who applied for these places; told: of the same."""

    attendee: Attendee
    name: str
    told: Told
    wishes: tuple[Wish, ...]
    mark: Attendance | None


@dataclass(frozen=True, slots=True)
class BookingRow:
    booking: Booking
    people: tuple[PersonRow, ...]
    told: Told
    may_open_case: bool

    @property
    def is_confirmed(self) -> bool:
        return self.booking.state == State.CONFIRMED


@dataclass(frozen=True, slots=True)
class SlotPart:
    """public, total: places that residents, and that staff, can still take; may_wait: whoever calls now can wait."""

    slot: Slot
    public: int
    total: int
    closed: bool
    bookings: tuple[BookingRow, ...]
    may_wait: bool

    @property
    def people(self) -> int:
        return sum(person.attendee.places for row in self.bookings for person in row.people)


@dataclass(frozen=True, slots=True)
class VenuePart:
    venue: Venue
    slots: tuple[SlotPart, ...]

    @property
    def people(self) -> int:
        return sum(part.people for part in self.slots)


@dataclass(frozen=True, slots=True)
class Day:
    calendar: Calendar
    day: date
    items: tuple[Item, ...]
    venues: tuple[VenuePart, ...]

    @property
    def people(self) -> int:
        return sum(part.people for part in self.venues)


def with_people(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """With everything that a row shows, in as many queries however many bookings there are."""
    marks = Prefetch("marks", Attendance.objects.select_related("staff"))
    people = Prefetch("attendees", Attendee.objects.prefetch_related("wishes", marks))
    related = bookings.select_related("slot__venue", "slot__calendar", "application__version")
    unread = ("application__search_text", "application__unfinished", "application__version__document")
    return related.defer(*unread).prefetch_related(people)


def day_of(calendar: Calendar, day: date, cases: frozenset[int] = frozenset()) -> Day:
    """cases: departments whose cases the reader may open."""
    items = tuple(calendar.items.all())
    booked = Booking.objects.filter(slot__calendar=calendar, slot__day=day, state__in=ACTIVE)
    alive = booked.exclude(pk__in=dead_holds(timezone.now()).values("pk")).order_by("pk")
    rows: dict[int, list[BookingRow]] = {}
    for booking in with_people(alive):
        rows.setdefault(booking.slot_id, []).append(row_of(booking, items, cases))
    public = {choice.slot.pk: choice.left for choice in choices(calendar=calendar, first=day, last=day)}
    parts: dict[int, tuple[Venue, list[SlotPart]]] = {}
    for choice in choices(calendar=calendar, first=day, last=day, staff=True):
        slot = choice.slot
        may_wait = is_waited_for(choice, calendar)
        booked_here = tuple(rows.get(slot.pk, ()))
        part = SlotPart(slot, public.get(slot.pk, 0), choice.left, choice.closed, booked_here, may_wait)
        parts.setdefault(slot.venue_id, (slot.venue, []))[1].append(part)
    venues = sorted(parts.values(), key=lambda pair: (pair[0].order, pair[0].pk))
    return Day(calendar, day, items, tuple(VenuePart(venue, tuple(slots)) for venue, slots in venues))


def is_waited_for(choice: Choice, calendar: Calendar) -> bool:
    """Whether staff can take nothing of the slot, and may put who asks for it on its list. choice: of staff."""
    if choice.left or choice.closed or choice.by_lot or not calendar.waiting_list:
        return False
    return timezone.now() < calendar.book_deadline.before(choice.slot.starts_at)


def row_of(booking: Booking, items: Sequence[Item], cases: frozenset[int]) -> BookingRow:
    """booking: from `with_people`."""
    application = booking.application
    attendees, told = list(booking.attendees.all()), told_of(application)
    others = told_of_others(application)
    # what was corrected since may have other rows: then nobody gets somebody else's
    rows = [told, *others] if len(others) == len(attendees) - 1 else [told, *(Told() for _ in attendees)]
    people = tuple(_person(each, items, application.applicant, rows[each.ordinal]) for each in attendees)
    may_open = application.received_at is not None and application.department_id in cases
    return BookingRow(booking, people, told, may_open)


def _person(attendee: Attendee, items: Iterable[Item], applicant: str, told: Told) -> PersonRow:
    asked = {wish.item_id for wish in attendee.wishes.all()}
    marks = {mark.item_id: mark for mark in attendee.marks.all()}
    wishes = tuple(Wish(item, item.pk in asked, marks.get(item.pk)) for item in items)
    return PersonRow(attendee, attendee.name or applicant or str(attendee), told, wishes, marks.get(None))


def usual_day(calendar: Calendar) -> date:
    """Today if the reception is open, else the next day that has slots, else the last one that had."""
    today = timezone.localdate()
    days = calendar.slots.order_by("day").values_list("day", flat=True)
    return days.filter(day__gte=today).first() or days.filter(day__lt=today).last() or today


def neighbours(calendar: Calendar, day: date) -> tuple[date | None, date | None]:
    """The days with slots before and after."""
    days = calendar.slots.order_by("day").values_list("day", flat=True)
    return days.filter(day__lt=day).last(), days.filter(day__gt=day).first()
