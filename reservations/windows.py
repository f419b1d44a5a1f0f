"""Whether residents may book, change or cancel now. Staff are not asked."""

from datetime import datetime

from django.utils.translation import gettext_noop

from reservations.deadlines import Deadline
from reservations.models import Slot
from reservations.refusals import NotOpenYet, TooLate


def check_bookable(slot: Slot, now: datetime) -> None:
    """Whether residents may book the slot now. Raises NotOpenYet, TooLate."""
    opens = slot.calendar.opening_of(slot.day)
    if opens is not None and now < opens:
        raise NotOpenYet(opens)
    _check(slot.calendar.book_deadline, gettext_noop("予約"), slot, now)


def check_changeable(slot: Slot, now: datetime) -> None:
    _check(slot.calendar.change_deadline, gettext_noop("変更"), slot, now)


def check_cancellable(slot: Slot, now: datetime) -> None:
    _check(slot.calendar.cancel_deadline, gettext_noop("取消"), slot, now)


def _check(deadline: Deadline, what: str, slot: Slot, now: datetime) -> None:
    until = deadline.before(slot.starts_at)
    if now >= until:
        raise TooLate(what, until)
