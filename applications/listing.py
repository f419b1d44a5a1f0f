"""What a desk may see, filtered and paged: the same for the list, the case page and the export."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Subquery
from django.utils import timezone

from applications.answers import opened
from applications.models import PUBLIC_ID, Application
from applications.references import ALPHABET, is_reference
from applications.status import Status
from applications.vault import VaultError, is_sealed
from cms.access import MAY_READ_CASES, AnyUser, departments_for
from cms.folding import search_key
from formbuilder.japanese.text import to_number_line
from formbuilder.models import FormPage

PAGE = 50
MOST = 10_000  # a list counts no further
LONGEST_SEARCH = 200  # characters


# A day outside is one without applications; the databases cannot shift the first and last days of the calendar
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a member of staff looks for; forms: primary keys; days in local time, both included."""

    forms: tuple[int, ...] = ()
    statuses: tuple[Status, ...] = ()
    received_from: date | None = None
    received_to: date | None = None
    text: str = ""
    unread: bool = False  # something of the resident's waits to be read


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. total: never more than MOST + 1; before, after: cursors of its neighbours, "" at an end."""

    rows: list[Application]
    total: int
    before: str
    after: str


def visible_to(user: AnyUser, roles: Iterable[str] = MAY_READ_CASES) -> QuerySet[Application]:
    """Applications that have been received by a department for which the user has one of the roles."""
    # ids, not a subquery: with a known department the database walks the desk_list index and stops after one page
    departments = list(departments_for(user, roles).values_list("pk", flat=True))
    return Application.objects.filter(department_id__in=departments, received_at__isnull=False)


def forms_for(user: AnyUser, roles: Iterable[str] = MAY_READ_CASES) -> QuerySet[FormPage]:
    """Forms that have, or had, a version of a department for which the user has one of the roles."""
    mine = departments_for(user, roles)
    return FormPage.objects.filter(versions__department__in=mine).distinct().order_by("title", "pk")


def filtered(applications: QuerySet[Application], filters: Filters) -> QuerySet[Application]:
    """Those that meet every one of the filters."""
    if filters.forms:
        applications = applications.filter(form_id__in=filters.forms)
    if filters.statuses:
        applications = applications.filter(status__in=filters.statuses)
    if filters.received_from:
        applications = applications.filter(received_at__gte=_day_start(filters.received_from))
    if filters.received_to:
        applications = applications.filter(received_at__lt=_day_start(filters.received_to) + timedelta(days=1))
    if filters.unread:
        applications = applications.filter(unread_since__isnull=False)
    return _mentioning(applications, filters.text[:LONGEST_SEARCH])


def _day_start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), time.min))


def _mentioning(applications: QuerySet[Application], text: str) -> QuerySet[Application]:
    """Those with that reference, or that mention every word of the text."""
    if reference := as_reference(text):
        return applications.filter(reference=reference)
    for word in text.split():
        applications = applications.filter(_mentions(word))
    return applications


def _mentions(word: str) -> Q:
    wanted = Q(search_text__contains=search_key(word))
    plain = _plain_reference(word)
    if 4 <= len(plain) < 9 and all(character in ALPHABET for character in plain):
        wanted |= Q(reference__startswith=_hyphenated(plain))
    if number := _phone_number(word):
        wanted |= Q(search_text__contains=number)
    return wanted


def as_reference(text: str) -> str | None:
    """The reference that was meant, with or without hyphens, spaces, capitals or full-width letters; None if none."""
    plain = _plain_reference(text)
    return _hyphenated(plain) if is_reference(plain) else None


def _plain_reference(text: str) -> str:
    return re.sub(r"[\s-]", "", to_number_line(text)).upper()


def _hyphenated(plain: str) -> str:
    return "-".join(part for part in (plain[:4], plain[4:8], plain[8:]) if part)


def _phone_number(word: str) -> str:
    """Digits alone, as the search text keeps telephone numbers; "" when the word is not written like one."""
    line = to_number_line(word)
    if not re.fullmatch(r"\+?[\d()-]{4,}", line):
        return ""
    digits = re.sub(r"\D", "", line)
    return f"0{digits[2:]}" if line.startswith("+81") else digits


def page_of(
    applications: QuerySet[Application], *, oldest_first: bool = False, after: str = "", before: str = ""
) -> Page:
    """One page in the order of arrival, newest first. after, before: as a page of the same order named them.

    The rows carry what a list shows, with `form_title`, and no answers.
    """
    anchor = _anchor(after or before, oldest_first)
    backwards = bool(before) and not after and anchor is not None
    ascending = oldest_first != backwards
    rows = _shown(applications).order_by(*(("received_at", "pk") if ascending else ("-received_at", "-pk")))
    if anchor is not None:
        rows = rows.filter(_beyond(anchor, ascending))
    found = list(rows[: PAGE + 1])
    if not found and anchor is not None:
        return page_of(applications, oldest_first=oldest_first)
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    is_first, is_last = (not more, False) if backwards else (anchor is None, not more)
    return Page(
        rows=found,
        total=applications.order_by()[: MOST + 1].count(),
        before="" if is_first else _cursor(found[0], oldest_first),
        after="" if is_last else _cursor(found[-1], oldest_first),
    )


def _cursor(row: Application, oldest_first: bool) -> str:
    """A place in the list of one order; in the other order it would be another place."""
    return f"{'old' if oldest_first else 'new'}.{row.public_id}"


def _anchor(cursor: str, oldest_first: bool) -> QuerySet[Application] | None:
    """The row that a cursor names; None when there is none, or it belongs to the other order."""
    order, _, public_id = cursor.partition(".")
    if order != ("old" if oldest_first else "new") or not PUBLIC_ID.fullmatch(public_id):
        return None
    anchor = Application.objects.filter(public_id=public_id)
    return anchor if anchor.exists() else None


def _beyond(anchor: QuerySet[Application], ascending: bool) -> Q:
    """Those after the anchor in this order.

    Compares with the stored moment itself: SQLite keeps times as text, of milliseconds or of microseconds.
    """
    moment, pk = Subquery(anchor.values("received_at")), Subquery(anchor.values("pk"))
    if ascending:
        return Q(received_at__gte=moment) & (Q(received_at__gt=moment) | Q(pk__gt=pk))
    return Q(received_at__lte=moment) & (Q(received_at__lt=moment) | Q(pk__lt=pk))


def _shown(applications: QuerySet[Application]) -> QuerySet[Application]:
    return applications.only(
        "public_id", "reference", "applicant", "status", "channel", "received_at", "unread_since"
    ).annotate(form_title=F("form__title"))


def readable(application: Application) -> tuple[dict[str, Any], frozenset[str]]:
    """(answers, keys of those that stay sealed because a key is lost): a lost key must not hide a whole case."""
    try:
        return opened(application), frozenset()
    except VaultError:
        lost = frozenset(key for key, answer in application.answers.items() if is_sealed(answer))
        return {key: answer for key, answer in application.answers.items() if key not in lost}, lost


def day_of(application: Application) -> date:
    """The day on which the resident declared: conditions and calculations are read as they were then."""
    return application.declared_on or timezone.localdate(application.received_at)
