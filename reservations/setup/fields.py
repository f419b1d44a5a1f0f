"""Boxes that a clerk fills in: plain inputs of the browser, and bounds that no garbage passes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from reservations.models.calendars import WEEKDAYS

FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)  # holidays are known no longer
MOST_PLACES = 100_000
WEEKS = 5


class DateBox(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeBox(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class MomentBox(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class DayField(forms.DateField):
    widget = DateBox

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["invalid"] = "日付を「2027-06-07」のように入力してください。"
        wrong = "日付は2000年から2099年までにしてください。"
        self.validators += [MinValueValidator(FIRST_DATE, wrong), MaxValueValidator(LAST_DATE, wrong)]


class ClockField(forms.TimeField):
    widget = TimeBox

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["invalid"] = "時刻を「09:00」のように入力してください。"


class MomentField(forms.DateTimeField):
    widget = MomentBox

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["invalid"] = "日時を「2027-06-07 09:00」のように入力してください。"

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        if moment is not None and not FIRST_DATE.year <= moment.year <= LAST_DATE.year:
            raise forms.ValidationError("日時は2000年から2099年までにしてください。")
        return moment


class CountField(forms.IntegerField):
    """A whole number from `least` to `most`."""

    def __init__(self, *, least: int = 0, most: int = MOST_PLACES, **options: Any) -> None:
        super().__init__(min_value=least, max_value=most, **options)
        self.error_messages["invalid"] = "半角の数字で入力してください。"
        self.widget.attrs["inputmode"] = "numeric"


class NumbersField(forms.TypedMultipleChoiceField):
    """Numbers, each a checkbox with a name of its own."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, names: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(choices=names, coerce=int, empty_value=[], **options)

    def clean(self, value: Any) -> list[int]:
        return sorted(super().clean(value))


def weekdays_field() -> NumbersField:
    names = [(number, f"{name}曜日") for number, name in enumerate(WEEKDAYS)]
    missing = {"required": "曜日を一つ以上選んでください。"}
    return NumbersField(names=names, label="曜日", error_messages=missing, initial=[0, 1, 2, 3, 4])


def weeks_field() -> NumbersField:
    names = [(number, f"第{number}") for number in range(1, WEEKS + 1)]
    told = "毎週開くときは、どれも選ばないでください。「第2・第4火曜日」だけのときに使います。"
    return NumbersField(names=names, label="月の何番目の曜日か", required=False, help_text=told)
