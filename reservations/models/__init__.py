"""Tables of the reservations, by what they are about."""

from reservations.models.attendance import Attendance, Presence
from reservations.models.bookings import ACTIVE, Attendee, AttendeeItem, Booking, Claim, State
from reservations.models.calendars import (
    Calendar,
    Closure,
    Hours,
    Item,
    Limits,
    Opening,
    PatternItem,
    Quota,
    Season,
    Venue,
    WeeklyPattern,
)
from reservations.models.capacity import Bucket, Scope, Slot

__all__ = [
    "ACTIVE",
    "Attendance",
    "Attendee",
    "AttendeeItem",
    "Booking",
    "Bucket",
    "Calendar",
    "Claim",
    "Closure",
    "Hours",
    "Item",
    "Limits",
    "Opening",
    "PatternItem",
    "Presence",
    "Quota",
    "Scope",
    "Season",
    "Slot",
    "State",
    "Venue",
    "WeeklyPattern",
]
