"""時刻, 期間 and 日時."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import Scalar, parse_iso_date
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler, Part
from formbuilder.fields.date import EARLIEST, LATEST, WESTERN, in_both, read_boxes
from formbuilder.fields.reading import lines_in, text_in
from formbuilder.japanese.text import to_number_line

_WRITTEN = re.compile(r"(午前|午後)?([0-9]{1,2})(?::|時)?([0-9]{2})?分?")
_HOW_TO = gettext_noop("時刻は「13:30」のように、時と分を数字で入力してください。")
START, END, DAY = gettext_noop("始まり"), gettext_noop("終わり"), gettext_noop("日付")
DATE_BOXES = {"era": "元号", "year": "年", "month": "月", "day": "日"}
MOST_DAYS = 36_600


def read_time(text: str, part: str = "") -> str:
    """HH:MM of 9:30, 930, 午後3時 and the like; raises FieldRefused."""
    found = _WRITTEN.fullmatch(to_number_line(text).replace("：", ":").replace(" ", ""))
    if found is None:
        raise FieldRefused(_(_HOW_TO), part)
    half, hour, minute = found[1], int(found[2]), int(found[3] or 0)
    if half and hour > 12:
        raise FieldRefused(_(_HOW_TO), part)
    hour = hour % 12 + (12 if half == "午後" else 0) if half else hour
    if hour > 23 or minute > 59:
        raise FieldRefused(_(_HOW_TO), part)
    return f"{hour:02}:{minute:02}"


def minutes_of(time: str) -> Decimal:
    return Decimal(int(time[:2]) * 60 + int(time[3:]))


class TimeType(FieldType):
    """Formulas see the hour and the minutes since midnight, which can be compared and subtracted."""

    name = "time"
    label = "時刻"
    icon = "history"
    kind = None
    example = "13:30"

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        return {"minutes": Part("0時からの分", "number")}

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "earliest",
                blocks.CharBlock(required=False, max_length=10, label="いちばん早い時刻", help_text="例: 9:00"),
            ),
            (
                "latest",
                blocks.CharBlock(required=False, max_length=10, label="いちばん遅い時刻", help_text="例: 17:00"),
            ),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        found: dict[str, str] = {}
        for name in ("earliest", "latest"):
            if text := value[name] or "":
                try:
                    found[name] = read_time(text)
                except FieldRefused as refused:
                    compiler.problem(f"「{text}」を時刻として読めません。{refused.message}")
        if len(found) == 2 and found["earliest"] > found["latest"]:
            compiler.problem("いちばん早い時刻が、いちばん遅い時刻より後になっています。")
        return found

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = text_in(raw).strip()
        if not text:
            return None
        time = read_time(text)
        least, most = field.options.get("earliest"), field.options.get("latest")
        if (least and time < least) or (most and time > most):
            raise FieldRefused(_hours(least, most) % {"label": field.label, "least": least, "most": most})
        return time

    def scalars(self, field: FieldDef, answer: Answer | None) -> dict[str, Scalar]:
        return {"minutes": minutes_of(answer) if isinstance(answer, str) else None}

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return in_words(answer) if answer else ""

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [answer or ""]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


def _hours(least: str | None, most: str | None) -> str:
    if not least:
        return _("%(label)sは%(most)sまでの時刻を入力してください。")
    if not most:
        return _("%(label)sは%(least)sからの時刻を入力してください。")
    return _("%(label)sは%(least)sから%(most)sまでの時刻を入力してください。")


def in_words(time: str) -> str:
    return _("%(hour)s時%(minute)s分") % {"hour": int(time[:2]), "minute": time[3:]}


def read_day(boxes: Mapping[str, str], prefix: str, label: str) -> date:
    """The day in the boxes named prefix-year and so on; raises FieldRefused at the box that is wrong."""
    try:
        day = read_boxes({box: boxes[f"{prefix}-{box}"] for box in DATE_BOXES})
    except FieldRefused as refused:
        part = f"{prefix}-{refused.part}" if refused.part else f"{prefix}-year"
        message = _("%(label)s：%(message)s") % {"label": _(label), "message": refused.message}
        raise FieldRefused(message, part) from refused
    if not EARLIEST <= day <= LATEST:
        told = _("%(label)s：%(first)s年から%(last)s年までの日付を入力してください。")
        years = {"label": _(label), "first": EARLIEST.year, "last": LATEST.year}
        raise FieldRefused(told % years, f"{prefix}-year")
    return day


def day_boxes(day: date, prefix: str) -> dict[str, str]:
    given = {"era": WESTERN, "year": str(day.year), "month": str(day.month), "day": str(day.day)}
    return {f"{prefix}-{box}": text for box, text in given.items()}


def _parts(**days: str) -> dict[str, Part]:
    return {
        f"{prefix}-{box}": Part(f"{label}の{word}")
        for prefix, label in days.items()
        for box, word in DATE_BOXES.items()
    }


def _is_empty(boxes: Mapping[str, str], prefix: str) -> bool:
    return not any(boxes[f"{prefix}-{box}"] for box in ("year", "month", "day"))  # the era always holds something


def _shown(iso: str) -> str:
    day = parse_iso_date(iso)
    return "" if day is None else in_both(day)


class DateRangeType(FieldType):
    name = "date_range"
    label = "期間（いつから・いつまで）"
    icon = "calendar-alt"
    kind = None
    takes_default = False
    parts: ClassVar = _parts(start=START, end=END)
    example: ClassVar = {"start": "2026-04-01", "end": "2027-03-31"}

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        return {"start": Part(START, "date"), "end": Part(END, "date")}

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "max_days",
                blocks.IntegerBlock(
                    required=False,
                    min_value=1,
                    max_value=MOST_DAYS,
                    label="長くても何日まで",
                    help_text="始まりの日と終わりの日も数えます。",
                ),
            )
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"max_days": value["max_days"]}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        boxes = lines_in(raw, self.parts)
        if _is_empty(boxes, "start") and _is_empty(boxes, "end"):
            return None
        start, end = (read_day(boxes, name, label) for name, label in (("start", START), ("end", END)))
        if end < start:
            raise FieldRefused(
                _("終わりの日が、始まりの日より前になっています。どちらかを直してください。"), "end-year"
            )
        most = field.options.get("max_days")
        if most and (days := (end - start).days + 1) > most:
            told = _("%(label)sは%(most)s日以内にしてください（今は%(days)s日です）。")
            raise FieldRefused(told % {"label": field.label, "most": most, "days": days}, "end-year")
        return {"start": start.isoformat(), "end": end.isoformat()}

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        given = answer if isinstance(answer, Mapping) else {}
        days = {name: parse_iso_date(given.get(name, "")) for name in ("start", "end")}
        return {box: text for name, day in days.items() if day for box, text in day_boxes(day, name).items()}

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if not answer:
            return ""
        days = {"start": _shown(answer["start"]), "end": _shown(answer["end"])}
        return _("%(start)sから %(end)sまで") % days

    def headers(self, field: FieldDef) -> list[str]:
        return [f"{field.name}：{START}", f"{field.name}：{END}"]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [(answer or {}).get(name, "") for name in ("start", "end")]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["date", "date"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        day = {"type": "string", "format": "date"}
        properties = {"start": day, "end": day}
        return {"type": "object", "title": field.label, "properties": properties, "required": ["start", "end"]}


class DateTimeType(FieldType):
    name = "datetime"
    label = "日時"
    icon = "calendar-check"
    kind = None
    takes_default = False
    parts: ClassVar = {**_parts(date=DAY), "time": Part("時刻")}
    example: ClassVar = {"date": "2026-04-01", "time": "09:30"}

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        return {"date": Part(DAY, "date")}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        boxes = lines_in(raw, self.parts)
        if _is_empty(boxes, "date") and not boxes["time"]:
            return None
        day = read_day(boxes, "date", DAY)
        if not boxes["time"]:
            raise FieldRefused(_("時刻を入力してください。"), "time")
        return {"date": day.isoformat(), "time": read_time(boxes["time"], "time")}

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        given = answer if isinstance(answer, Mapping) else {}
        day = parse_iso_date(given.get("date", ""))
        return {} if day is None else {**day_boxes(day, "date"), "time": given["time"]}

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return f"{_shown(answer['date'])} {in_words(answer['time'])}" if answer else ""

    def headers(self, field: FieldDef) -> list[str]:
        return [f"{field.name}：日付", f"{field.name}：時刻"]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [(answer or {}).get(name, "") for name in ("date", "time")]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["date", "text"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        properties = {"date": {"type": "string", "format": "date"}, "time": {"type": "string"}}
        return {"type": "object", "title": field.label, "properties": properties, "required": ["date", "time"]}
