"""Bookings that end give back what they have. Inside a transaction that has locked their rows."""

from collections.abc import Sequence
from datetime import datetime

from reservations.models import Attendee, Booking, Claim, State
from reservations.taking import Delta, net, shift


def claims_of(bookings: Sequence[int]) -> list[Delta]:
    """What the bookings have, with the layout of each bucket as it is now."""
    claims = Claim.objects.filter(booking__in=bookings).order_by("bucket", "booking")
    return [Delta(*row) for row in claims.values_list("bucket", "n", "bucket__layout")]


def end(bookings: Sequence[Booking], state: State, now: datetime) -> None:
    """Write the new state and give everything back. Raises NotTaken when a layout changed: then do it again."""
    numbers = [booking.pk for booking in bookings]
    deltas = net(claims_of(numbers), [])
    for booking in bookings:
        booking.state, booking.hold_expires_at, booking.kept, booking.ended_at = state, None, False, now
    Booking.objects.filter(pk__in=numbers).update(state=state, hold_expires_at=None, kept=False, ended_at=now)
    Attendee.objects.filter(booking__in=numbers, once__isnull=False).update(once=None)
    Claim.objects.filter(booking__in=numbers).delete()
    shift(deltas, staff=True)
