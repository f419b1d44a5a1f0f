"""Dates as they are written in Japan: the eras, the age and the fiscal year.

Dates are Gregorian throughout, also before 1873 when Japan still used the lunisolar calendar.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import clean_line, to_number_line
from formbuilder.japanese.wording import gettext as _
from formbuilder.japanese.wording import gettext_noop

_LONGEST = 40
_HOW_TO = gettext_noop("日付は「2026年1月2日」や「令和8年1月2日」のように入力してください。")


class DateRefused(Refused):
    """The text or the parts are no date."""


@dataclass(frozen=True, slots=True)
class Era:
    """`end` is None for the era that goes on; 明治 and 大正 share their last day with the next era's first."""

    code: str
    letter: str
    name: str
    start: date
    end: date | None

    def year_of(self, day: date) -> int:
        return day.year - self.start.year + 1

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def write(self, day: date) -> str:
        year = self.year_of(day)
        return f"{self.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"

    def period(self) -> str:
        start = f"{self.write(self.start)}（{self.start.year}年）から"
        return start if self.end is None else f"{start}{self.write(self.end)}（{self.end.year}年）まで"


ERAS = (
    Era("reiwa", "R", "令和", date(2019, 5, 1), None),
    Era("heisei", "H", "平成", date(1989, 1, 8), date(2019, 4, 30)),
    Era("showa", "S", "昭和", date(1926, 12, 25), date(1989, 1, 7)),
    Era("taisho", "T", "大正", date(1912, 7, 30), date(1926, 12, 25)),
    Era("meiji", "M", "明治", date(1868, 1, 25), date(1912, 7, 30)),
)
ERA_LABELS = {"ad": "西暦"} | {era.code: era.name for era in ERAS}
_BY_CODE = {era.code: era for era in ERAS}
_CODES = {written: era.code for era in ERAS for written in (era.letter, era.name)} | {"西暦": "ad", "": "ad"}

_WRITTEN = re.compile(
    rf"(?P<era>{'|'.join(filter(None, _CODES))})?\s*(?P<year>元|[0-9]{{1,4}})\s*[年./-]\s*"
    r"(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})\s*日?"
)
_COMPACT = re.compile(r"[0-9]{8}")


def parse_date(raw: str) -> date:
    """2026-01-02, 2026/1/2, 20260102, 2026年1月2日, R6.4.1, 令和元年5月1日, in any width. Raises `DateRefused`."""
    if len(raw) > _LONGEST:
        raise DateRefused(_(_HOW_TO))
    text = to_number_line(unicodedata.normalize("NFKC", clean_line(raw))).upper()  # NFKC: ㋿ is 令和
    if _COMPACT.fullmatch(text):
        return from_era("ad", int(text[:4]), int(text[4:6]), int(text[6:]))
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise DateRefused(_(_HOW_TO))
    era, year = _CODES[match["era"] or ""], match["year"]
    if era == "ad" and len(year) != 4:
        raise DateRefused(_("西暦は4桁で、和暦は元号から入力してください。") + _(_HOW_TO))
    return from_era(era, 1 if year == "元" else int(year), int(match["month"]), int(match["day"]))


def from_era(era: str, year: int, month: int, day: int) -> date:
    """`era` is a key of `ERA_LABELS`. Raises `DateRefused`, also for a day outside the era."""
    if era not in ERA_LABELS:
        raise DateRefused(_("元号を選んでください。"))
    if era == "ad":
        return _date(year, month, day, f"{year}年")
    found = _BY_CODE[era]
    if year < 1:
        raise DateRefused(_("%(name)sの年は1以上の数字（元年は1）で入力してください。") % {"name": found.name})
    result = _date(found.start.year + year - 1, month, day, f"{found.name}{year}年")
    if not found.holds(result):
        raise DateRefused(
            _("%(name)sは%(period)sです。元号と日付を確かめて入力してください。")
            % {"name": found.name, "period": found.period()}
        )
    return result


def _date(year: int, month: int, day: int, year_words: str) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise DateRefused(
            _("%(day)sという日付はありません。日付を確かめて入力してください。")
            % {"day": f"{year_words}{month}月{day}日"}
        ) from None


def to_wareki(day: date) -> str:
    """令和元年5月1日. A day before 明治 is written in 西暦."""
    for era in ERAS:
        if era.start <= day:
            return era.write(day)
    return f"西暦{day.year}年{day.month}月{day.day}日"


def age_on(birth: date, on: date) -> int:
    """満年齢 as people count it: one more on each birthday; born on 29 February, on 1 March of a common year.

    The law (年齢計算ニ関スル法律) completes a year of age at the end of the day before the birthday. Rules that count
    by days, such as the school year of a child born on 1 April or the day a pension right begins, therefore
    look at that day: ask for the age on the day after.
    """
    if on < birth:
        raise DateRefused(_("生年月日が基準の日より後になっています。生年月日を確かめて入力してください。"))
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def fiscal_year(day: date) -> int:
    """年度 (April to March), as the year of its April."""
    return day.year if day.month >= 4 else day.year - 1
