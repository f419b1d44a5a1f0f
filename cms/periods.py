"""受付期間: from when until when a procedure takes applications. Plain Python, except for the filter."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from django.db.models import Q
from django.utils import timezone


class Phase(Enum):
    BEFORE = "受付開始前"
    OPEN = "受付中"
    AFTER = "受付終了"


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
    def is_open(self) -> bool:
        return self.phase is Phase.OPEN

    @property
    def words(self) -> str:
        begins = f"{moment(self.begins)}から" if self.begins else ""
        ends = f"{limit(self.ends)}まで" if self.ends else ""
        return f"{begins} {ends}".strip()

    @property
    def refusal(self) -> str:
        """Why nobody can apply now; empty while one can."""
        if self.phase is Phase.BEFORE and self.begins:
            return f"この手続の受付は、{moment(self.begins)}に始まります。"
        if self.phase is Phase.AFTER and self.ends:
            return f"この手続の受付は、{limit(self.ends)}で終わりました。くわしくは担当の課に問い合わせてください。"
        return ""


def moment(when: datetime) -> str:
    local = timezone.localtime(when)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}時{local.minute:02}分"


def limit(when: datetime) -> str:
    """Midnight as the end of the day before, as people say it."""
    local = timezone.localtime(when)
    if local.time() != time():
        return moment(when)
    day = local.date() - timedelta(days=1)
    return f"{day.year}年{day.month}月{day.day}日 24時00分"


def is_taken(now: datetime, page: str = "") -> Q:
    """Published, and within its period. page: lookup prefix of the ProcedurePage, such as `form__`."""
    begun = Q(**{f"{page}accepts_from": None}) | Q(**{f"{page}accepts_from__lte": now})
    not_over = Q(**{f"{page}accepts_until": None}) | Q(**{f"{page}accepts_until__gt": now})
    return Q(**{f"{page}live": True}) & begun & not_over
