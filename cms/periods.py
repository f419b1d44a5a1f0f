"""受付期間: from when until when a procedure takes applications. Plain Python, except for the filter."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class Phase(Enum):
    BEFORE = gettext_noop("受付開始前")
    OPEN = gettext_noop("受付中")
    AFTER = gettext_noop("受付終了")


@dataclass(frozen=True, slots=True)
class Period:
    """begins: the first moment; ends: the first moment that is too late; None: no limit."""

    begins: datetime | None = None
    ends: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.begins or self.ends)

    @property
    def phase(self) -> Phase:
        now = timezone.now()
        if self.begins and now < self.begins:
            return Phase.BEFORE
        return Phase.AFTER if self.ends and now >= self.ends else Phase.OPEN

    @property
    def phase_words(self) -> str:
        return _(self.phase.value)

    @property
    def is_open(self) -> bool:
        return self.phase is Phase.OPEN

    @property
    def words(self) -> str:
        begins = _("%(begins)sから") % {"begins": moment(self.begins)} if self.begins else ""
        ends = _("%(ends)sまで") % {"ends": limit(self.ends)} if self.ends else ""
        return f"{begins} {ends}".strip()

    @property
    def refusal(self) -> str:
        """Why nobody can apply now; empty while one can."""
        if self.phase is Phase.BEFORE and self.begins:
            return _("この手続の受付は、%(begins)sに始まります。") % {"begins": moment(self.begins)}
        if self.phase is Phase.AFTER and self.ends:
            return _("この手続の受付は、%(ends)sで終わりました。くわしくは担当の課に問い合わせてください。") % {
                "ends": limit(self.ends)
            }
        return ""


def moment(when: datetime) -> str:
    return date_format(timezone.localtime(when), "DATETIME_FORMAT")


def limit(when: datetime) -> str:
    """Midnight as the end of the day before, as people say it."""
    local = timezone.localtime(when)
    if local.time() != time():
        return moment(when)
    return _("%(day)s 24時00分") % {"day": date_format(local.date() - timedelta(days=1), "DATE_FORMAT")}


def is_taken(now: datetime, page: str = "") -> Q:
    """Published, and within its period. page: lookup prefix of the ProcedurePage, such as `form__`."""
    begun = Q(**{f"{page}accepts_from": None}) | Q(**{f"{page}accepts_from__lte": now})
    not_over = Q(**{f"{page}accepts_until": None}) | Q(**{f"{page}accepts_until__gt": now})
    return Q(**{f"{page}live": True}) & begun & not_over
