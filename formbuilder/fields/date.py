"""日付: one value, entered in an era (or 西暦), a year, a month and a day."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import parse_iso_date
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler, Part
from formbuilder.fields.reading import lines_in
from formbuilder.japanese.text import to_number_line
from formbuilder.japanese.wareki import ERA_LABELS, ERAS, DateRefused, age_on, from_era, parse_date, to_wareki

WESTERN = "西暦"
ERA_NAMES = tuple(ERA_LABELS.values())  # the options of the era box, in its order
EARLIEST, LATEST = date(1868, 1, 25), date(2199, 12, 31)

_CODES = {label: code for code, label in ERA_LABELS.items()}
_BY_NAME = {era.name: era for era in ERAS}
_DIGITS = re.compile("[0-9]{1,4}")
_ONE_OR_TWO = re.compile("[0-9]{1,2}")
_LONGEST_BOX = 40
_SHORT = 5  # characters of a box with one number; 令和10年 is the longest


class DateType(FieldType):
    name = "date"
    label = "日付"
    icon = "date"
    kind = "date"
    parts: ClassVar = {
        "era": Part(gettext_noop("元号")),
        "year": Part(gettext_noop("年")),
        "month": Part(gettext_noop("月")),
        "day": Part(gettext_noop("日")),
    }
    example = "1996-04-01"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("not_future", blocks.BooleanBlock(required=False, label="今日より後の日は不可")),
            ("not_past", blocks.BooleanBlock(required=False, label="今日より前の日は不可")),
            (
                "birthday",
                blocks.BooleanBlock(
                    required=False,
                    label="申請する人の生年月日",
                    help_text="端末に登録されている生年月日を入力できるようにします。",
                ),
            ),
            (
                "min_age",
                blocks.IntegerBlock(
                    required=False,
                    min_value=0,
                    max_value=150,
                    label="最小の年齢（歳）",
                    help_text="入力する日の満年齢です。",
                ),
            ),
            ("max_age", blocks.IntegerBlock(required=False, min_value=0, max_value=150, label="最大の年齢（歳）")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        least, most = value["min_age"], value["max_age"]
        by_age = least is not None or most is not None
        if least is not None and most is not None and least > most:
            compiler.problem(f"最小の年齢（{least}歳）が最大の年齢（{most}歳）より大きくなっています。")
        if value["not_past"] and (value["not_future"] or by_age):
            compiler.problem("「今日より前の日は不可」は、「今日より後の日は不可」や年齢と一緒には使えません。")
        return {
            "not_future": bool(value["not_future"]),
            "not_past": bool(value["not_past"]),
            "min_age": least,
            "max_age": most,
            "autocomplete": "bday" if value["birthday"] else "",
        }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        boxes = lines_in(raw, self.parts)
        if not (boxes["year"] or boxes["month"] or boxes["day"]):
            return None  # the era box always holds something
        day = read_boxes(boxes)
        if not EARLIEST <= day <= LATEST:
            raise FieldRefused(
                _("%(year)s年（明治元年）から%(year2)s年までの日付を入力してください。")
                % {"year": EARLIEST.year, "year2": LATEST.year},
                "year",
            )
        _check_day(field, day)
        return day.isoformat()

    def written(self, field: FieldDef, text: str) -> Any:
        if text == "今日":
            return self.boxes(field, timezone.localdate().isoformat())
        return {"era": WESTERN, "year": text}  # a whole date may stand in the year's box

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        day = _kept(answer)
        if day is None:
            return {}
        return {"era": WESTERN, "year": str(day.year), "month": str(day.month), "day": str(day.day)}

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        day = _kept(answer)
        if day is None:
            return ""
        return in_both(day)

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return ["" if answer is None else str(answer)]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["date"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "format": "date"}


def spoken(day: date) -> str:
    """The day as people of the reader's language write it: 令和, or 2 January 2026."""
    return to_wareki(day) if (get_language() or "ja").startswith("ja") else date_format(day, "DATE_FORMAT")


def in_both(day: date) -> str:
    """As `spoken`, in Japanese with the western year too."""
    said = spoken(day)
    return f"{said}（{day.year}年{day.month}月{day.day}日）" if said == to_wareki(day) else said


def read_boxes(boxes: Mapping[str, str]) -> date:
    """The day in the boxes; a whole date may stand in the year's. Raises FieldRefused."""
    era = boxes["era"] or WESTERN
    if era not in _CODES:
        raise FieldRefused(_("西暦か元号を選んでください。"), "era")
    year, month, day = (_digits(boxes[part]) for part in ("year", "month", "day"))
    if year and not (month or day) and not _DIGITS.fullmatch(year):
        return _written(era, boxes["year"])
    for part, text, label in ("year", year, _("年")), ("month", month, _("月")), ("day", day, _("日")):
        if not text:
            raise FieldRefused(_("%(label)sを入力してください。") % {"label": label}, part)
        if part != "year" and not _ONE_OR_TWO.fullmatch(text):
            raise FieldRefused(_("%(label)sは数字で入力してください。") % {"label": label}, part)
    if not _DIGITS.fullmatch(year):  # 令和6 or R6 in the year's box
        return _written(era, f"{year}.{month}.{day}")
    return _numbers(era, year, int(month), int(day))


def _digits(text: str) -> str:
    """A box in half width, without the 年・月・日 that stands beside it; 元 is 1."""
    if len(text) > _LONGEST_BOX:
        raise FieldRefused(_("日付は年・月・日に分けて、数字で入力してください。"))
    line = to_number_line(unicodedata.normalize("NFKC", text))
    return "1" if line in ("元", "元年") else line.rstrip("年月日") if len(line) <= _SHORT else line


def _written(era: str, text: str) -> date:
    """A date written out as one text; an era chosen beside it must agree."""
    try:
        day = parse_date(text)
    except DateRefused as refused:
        raise FieldRefused(refused.message, "year") from refused
    if era != WESTERN and not _BY_NAME[era].holds(day):
        raise FieldRefused(
            _("選んだ元号（%(era)s）と、入力された日付が合いません。どちらかを直してください。") % {"era": era}, "era"
        )
    return day


def _numbers(era: str, year: str, month: int, day: int) -> date:
    if era == WESTERN and len(year) < 4:
        raise FieldRefused(_("西暦の年は4桁で入力してください。和暦のときは元号を選んでください。"), "year")
    if era != WESTERN and len(year) == 4:  # 令和 chosen, and 2024 beside it
        return _written(era, f"{year}-{month}-{day}")
    if era != WESTERN and not 1 <= int(year) <= 99:
        raise FieldRefused(_("%(era)sの年は1から99までの数字で入力してください（元年は1）。") % {"era": era}, "year")
    try:
        return from_era(_CODES[era], int(year), month, day)
    except DateRefused as refused:
        raise FieldRefused(refused.message) from refused


def _check_day(field: FieldDef, day: date) -> None:
    """Limits that move with the calendar: the day of filling counts."""
    options = field.options
    least, most = options.get("min_age"), options.get("max_age")
    by_age = least is not None or most is not None
    if not (by_age or options.get("not_future") or options.get("not_past")):
        return
    today = timezone.localdate()
    if day > today and (by_age or options.get("not_future")):
        raise FieldRefused(
            _("%(label)sは今日（%(today)s）までの日付を入力してください。")
            % {"label": field.label, "today": spoken(today)},
            "year",
        )
    if day < today and options.get("not_past"):
        raise FieldRefused(
            _("%(label)sは今日（%(today)s）からの日付を入力してください。")
            % {"label": field.label, "today": spoken(today)},
            "year",
        )
    if by_age:
        _check_age(field, age_on(day, today), least, most)


def _check_age(field: FieldDef, age: int, least: int | None, most: int | None) -> None:
    if (least is None or least <= age) and (most is None or age <= most):
        return
    if least is None:
        told = _("%(most)s歳以下の方が対象です（今は%(age)s歳）。%(label)sを確かめてください。")
    elif most is None:
        told = _("%(least)s歳以上の方が対象です（今は%(age)s歳）。%(label)sを確かめてください。")
    else:
        told = _("%(least)s歳以上%(most)s歳以下の方が対象です（今は%(age)s歳）。%(label)sを確かめてください。")
    raise FieldRefused(told % {"least": least, "most": most, "age": age, "label": field.label}, "year")


def _kept(answer: Answer | None) -> date | None:
    return parse_iso_date(answer) if isinstance(answer, str) else None
