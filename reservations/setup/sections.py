"""The parts of a reception in the order in which a clerk sets them up, and how each row reads in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import QuerySet

from reservations.models import Calendar, Closure, Item, Opening, Quota, Season, Venue, WeeklyPattern
from reservations.models.calendars import WEEKDAYS, Hours, Limits
from reservations.setup import forms


@dataclass(frozen=True, slots=True)
class Section:
    """kind: in addresses; needs: a kind that has to be there before; told: what it is for."""

    kind: str
    title: str
    one: str
    told: str
    form: type[forms.RowForm]
    rows: Callable[[Calendar], QuerySet[Any]]
    words: Callable[[Any], str]
    needs: str = ""
    is_required: bool = False

    @property
    def model(self) -> type[models.Model]:
        model: type[models.Model] = self.form._meta.model
        return model


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def _limits(row: Limits | Season) -> str:
    if row.limit_public == row.limit_total:
        return f"定員{row.limit_total}"
    return f"定員{row.limit_total}（うち住民{row.limit_public}）"


def _hours(row: Hours) -> str:
    count = row.length // row.minutes
    times = f"{row.starts.hour}:{row.starts:%M}〜{row.ends.hour}:{row.ends:%M}"
    return f"{times} {row.minutes}分ごと{count}枠 1枠の{_limits(row)}"


def _venue(row: Venue) -> str:
    return " ".join(filter(None, (row.name, row.address)))


def _item(row: Item) -> str:
    return f"{row.name}（コード {row.code}）"


def _pattern(row: WeeklyPattern) -> str:
    weeks = f"第{'・第'.join(map(str, row.weeks))} " if row.weeks else ""
    weekdays = "・".join(WEEKDAYS[number] for number in row.weekdays)
    words = [f"{row.venue} {weeks}{weekdays} {_hours(row)}"]
    if row.valid_from or row.valid_to:
        first = day_words(row.valid_from) if row.valid_from else ""
        words.append(f"{first}〜{day_words(row.valid_to) if row.valid_to else ''}")
    words += [f"{limit.item} {_limits(limit)}" for limit in row.item_limits.all()]
    return " / ".join(words)


def _opening(row: Opening) -> str:
    return " ".join(filter(None, (day_words(row.day), str(row.venue), _hours(row), row.reason)))


def _closure(row: Closure) -> str:
    last = f"〜{day_words(row.last_day)}" if row.last_day != row.first_day else ""
    return f"{day_words(row.first_day)}{last} {row.venue or 'すべての会場'} {row.reason}"


def _quota(row: Quota) -> str:
    return f"{row.item or '項目を問わず全員'} {row.venue or 'すべての会場を合わせて'} 1日 {_limits(row)}"


def _season(row: Season) -> str:
    limits = f" {_limits(row)}" if row.limit_total is not None else ""
    return f"{row.name} {day_words(row.first_day)}〜{day_words(row.last_day)}{limits}"


SECTIONS = {
    section.kind: section
    for section in (
        Section(
            "venues",
            "会場",
            "会場",
            "どこで受け付けるか。会場が一つでも、その名前を入れます。",
            forms.VenueForm,
            lambda calendar: calendar.venues.all(),
            _venue,
            is_required=True,
        ),
        Section(
            "items",
            "項目",
            "項目",
            "一度の予約で選べるもの（検診の種類など）。なければ、入れなくてかまいません。",
            forms.ItemForm,
            lambda calendar: calendar.items.all(),
            _item,
        ),
        Section(
            "patterns",
            "曜日と時間",
            "曜日と時間",
            "何曜日の何時から何時まで、何人ずつ受け付けるか。",
            forms.PatternForm,
            lambda calendar: calendar.patterns.select_related("venue").prefetch_related("item_limits__item"),
            _pattern,
            needs="venues",
            is_required=True,
        ),
        Section(
            "closures",
            "休み",
            "休み",
            "この日には枠を作りません。祝日と年末年始は、基本の設定で決めます。",
            forms.ClosureForm,
            lambda calendar: calendar.closures.select_related("venue"),
            _closure,
            needs="venues",
        ),
        Section(
            "openings",
            "臨時の開設",
            "臨時の開設",
            "その日だけの時間。曜日と時間の代わりになり、祝日でも開きます。",
            forms.OpeningForm,
            lambda calendar: calendar.openings.select_related("venue"),
            _opening,
            needs="venues",
        ),
        Section(
            "quotas",
            "1日の定員",
            "1日の定員",
            "1日に受けられる数。項目ごとや、会場ごとに決められます。枠の定員と両方を守ります。",
            forms.QuotaForm,
            lambda calendar: calendar.quotas.select_related("venue", "item").order_by("item__order", "item", "venue"),
            _quota,
        ),
        Section(
            "seasons",
            "期",
            "期",
            "年度など。同じ人の予約を、期ごとに1回までにできます。",
            forms.SeasonForm,
            lambda calendar: calendar.seasons.all(),
            _season,
        ),
    )
}
