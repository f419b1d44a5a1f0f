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
from reservations.models.lottery import Lottery, LotteryEntry, LotteryPerson, LotteryState, Result, hash_of
from reservations.models.reminders import Reminder
from reservations.models.waiting import BY_DESK, ON_LIST, Wait, WaitingEntry

__all__ = [
    "ACTIVE",
    "BY_DESK",
    "ON_LIST",
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
    "Lottery",
    "LotteryEntry",
    "LotteryPerson",
    "LotteryState",
    "Opening",
    "PatternItem",
    "Presence",
    "Quota",
    "Reminder",
    "Result",
    "Scope",
    "Season",
    "Slot",
    "State",
    "Venue",
    "Wait",
    "WaitingEntry",
    "WeeklyPattern",
    "hash_of",
]
