"""Bookings that stand in the way of a change, as far as the reader may know them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from reservations.models import Booking, Bucket
from reservations.party import places_of
from reservations.placing import party_of
from reservations.refusals import BelowBooked
from reservations.setup.access import readable_bookings
from staff.models import User

HIDDEN = "（ほかの課の申請か、申請を見る役割がないため表示しません）"
UNFINISHED = "（入力中）"


@dataclass(frozen=True, slots=True)
class Line:
    """One booking. url: of its application, "" when the reader may not open it, or it has not arrived."""

    when: str
    places: int
    state: str
    reference: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Concerned:
    """bucket: in words; taken: how many places are booked in it."""

    bucket: str
    taken: int
    lines: list[Line]


def concerned(refused: BelowBooked, user: User) -> Concerned:
    # read no more: a limit that could not be added is gone with its transaction
    return Concerned(
        bucket_name(refused.bucket), refused.bucket.taken, lines([each.pk for each in refused.bookings], user)
    )


def bucket_name(bucket: Bucket) -> str:
    """「2027年6月7日（月）6:00〜6:30 あすぱる」, 「2027年6月7日 肺CT（1日の定員）」, 「2027年度（期の定員）」"""
    item = f" {bucket.item}" if bucket.item else ""
    if bucket.slot is not None:
        return f"{bucket.slot}{item}"
    if bucket.season is not None:
        return f"{bucket.season}（期の定員）"
    assert bucket.day is not None
    venue = f" {bucket.quota.venue}" if bucket.quota and bucket.quota.venue else ""
    day = f"{bucket.day.year}年{bucket.day.month}月{bucket.day.day}日"
    return f"{day}{venue}{item or ' 全員'}（1日の定員）"


def lines(numbers: Iterable[int], user: User) -> list[Line]:
    """In the order of the slots."""
    found = Booking.objects.filter(pk__in=list(numbers)).select_related("slot__venue", "application")
    bookings = list(found.prefetch_related("attendees__wishes").order_by("slot__starts_at", "pk"))
    readable = set(readable_bookings(user, found).values_list("pk", flat=True))
    return [_line(booking, may_read=booking.pk in readable) for booking in bookings]


def _line(booking: Booking, *, may_read: bool) -> Line:
    places, state = places_of(party_of(booking)), booking.get_state_display()
    if not may_read:
        return Line(str(booking.slot), places, state, "", HIDDEN, "")
    application = booking.application
    if application.reference is None:
        return Line(str(booking.slot), places, state, UNFINISHED, application.applicant, "")
    return Line(
        str(booking.slot), places, state, application.reference, application.applicant, _case_url(application.public_id)
    )


def _case_url(public_id: str) -> str:
    """Of the desk's page, where casework is installed."""
    try:
        return reverse("casework:case", args=(public_id,))
    except NoReverseMatch:
        return ""
