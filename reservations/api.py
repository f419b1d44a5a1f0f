"""予約 in the API: who comes when. Mounted by API_ROUTERS."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from applications.api import Caller, Denied, Scope, answers, caller
from reservations.models import Booking

router = Router()

PAGE = 100


class Person(Schema):
    name: str
    places: int
    items: list[str]


class BookingOut(Schema):
    """reference: of the application, None before it is received."""

    id: int
    reference: str | None
    state: str
    calendar: str
    venue: str
    starts_at: datetime
    ends_at: datetime
    channel: str
    people: list[Person]


class BookingPage(Schema):
    items: list[BookingOut]
    next: int | None


class Wanted(Schema):
    day_from: date | None = None
    day_to: date | None = None
    after: int = 0


@router.get("/bookings", response=answers(BookingPage), summary="予約の一覧（100件ずつ）")
def bookings(request: HttpRequest, wanted: Query[Wanted]) -> BookingPage:
    who = caller(request, Scope.BOOKINGS)
    if not 0 <= wanted.after < 2**63:
        raise Denied(400, "after", "afterは、前の回答のnextをそのまま渡してください。")
    found = list(_wanted(who, wanted)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return BookingPage(items=[_out(booking) for booking in found], next=found[-1].pk if more else None)


def _wanted(who: Caller, wanted: Wanted) -> QuerySet[Booking]:
    """Of the department's own receptions; the people are those of received applications."""
    found = Booking.objects.filter(
        slot__calendar__department=who.department, application__received_at__isnull=False, pk__gt=wanted.after
    )
    if wanted.day_from:
        found = found.filter(slot__day__gte=wanted.day_from)
    if wanted.day_to:
        found = found.filter(slot__day__lte=wanted.day_to)
    related = ("application", "slot__calendar", "slot__venue")
    return found.select_related(*related).prefetch_related("attendees__items").order_by("pk")


def _out(booking: Booking) -> BookingOut:
    people = [
        Person(name=person.name, places=person.places, items=[item.name for item in person.items.all()])
        for person in booking.attendees.all()
    ]
    return BookingOut(
        id=booking.pk,
        reference=booking.application.reference,
        state=booking.state,
        calendar=booking.slot.calendar.name,
        venue=booking.slot.venue.name,
        starts_at=timezone.localtime(booking.slot.starts_at),
        ends_at=timezone.localtime(booking.slot.ends_at),
        channel=booking.channel,
        people=people,
    )
