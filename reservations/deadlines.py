"""Until when something may be done about a place: "7 days before, 17:00", or "48 hours before it begins"."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from formbuilder.japanese.closed_days import is_working_day


@dataclass(frozen=True, slots=True)
class Deadline:
    """days: before the day of the slot; at: the time of day there, None counts back from the beginning with hours."""

    days: int = 0
    hours: int = 0
    at: time | None = None

    def before(self, starts_at: datetime) -> datetime:
        """The moment from which it is too late, for a slot that begins then."""
        if self.at is None:
            return starts_at - timedelta(days=self.days, hours=self.hours)
        day = timezone.localtime(starts_at).date() - timedelta(days=self.days)
        return timezone.make_aware(datetime.combine(day, self.at))


def after_working_hours(now: datetime, hours: int) -> datetime:
    """So many hours later; days on which offices are closed, when nobody is there to call, are passed over."""
    days, rest = divmod(hours, 24)
    moment = _on_working_day(timezone.localtime(now))
    for _ in range(days):
        moment = _on_working_day(moment + timedelta(days=1))
    return _on_working_day(moment + timedelta(hours=rest))


def _on_working_day(moment: datetime) -> datetime:
    """At the same time of the day, on that day or the next working day."""
    while not is_working_day(moment.date()):
        moment += timedelta(days=1)
    return moment
