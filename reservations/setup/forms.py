"""One form for each kind of thing that makes up a reception. Every form knows whether somebody was faster."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.models import model_to_dict

from reservations.models import (
    Calendar,
    Closure,
    Item,
    Opening,
    PatternItem,
    Quota,
    Season,
    Venue,
    WeeklyPattern,
)
from reservations.setup.fields import ClockField, CountField, DayField, NumbersField, weekdays_field, weeks_field

Group = tuple[str, Sequence[str]]

PUBLIC = "うち住民がネットで予約できる数"
PUBLIC_HELP = (
    "空欄なら、定員と同じです。電話や窓口の分を残すときは、少ない数にします。"
    "電話や窓口の予約も合わせてこの数に達すると、住民はネットで予約できません。"
)
MINUTES_OF_A_DAY = 1440


def fingerprint(row: models.Model) -> str:
    """The same as long as nobody has changed the row; "" for one that is new."""
    if row.pk is None:
        return ""
    told = model_to_dict(row)
    if isinstance(row, WeeklyPattern):
        told["items"] = sorted(row.item_limits.values_list("item", "limit_public", "limit_total"))
    return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()[:16]


class RowForm(forms.ModelForm[Any]):
    """Of something that belongs to a reception. groups: the boxes by heading."""

    groups: ClassVar[Sequence[Group]] = ()
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, reception: Calendar, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reception = reception
        self.instance.calendar = reception
        self.initial["shown"] = fingerprint(self.instance)
        for name, of_reception in (("venue", reception.venues), ("item", reception.items)):
            if name in self.fields:
                field = self.fields[name]
                assert isinstance(field, forms.ModelChoiceField)
                field.queryset = of_reception.all()
                field.error_messages["invalid_choice"] = "一覧から選んでください。"

    @property
    def is_new(self) -> bool:
        return self.instance.pk is None

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, boxes); what no group names comes first."""
        grouped = {name for _, names in self.groups for name in names}
        rest = [field.name for field in self.visible_fields() if field.name not in grouped]
        groups = [("", rest), *self.groups] if rest else self.groups
        return [(heading, [self[name] for name in names if name in self.fields]) for heading, names in groups]

    def save_all(self) -> list[Any]:
        """The rows that were made or changed."""
        return [self.save()]

    def _get_validation_exclusions(self) -> set[str]:
        """The reception counts in what must be unique, though it is no box."""
        # Django's own method; the types leave out what begins with an underscore
        return super()._get_validation_exclusions() - {"calendar"}  # type: ignore[misc]


class PlacesForm(RowForm):
    """With a limit: in all, and for residents; who leaves the second blank means the first."""

    limit_total = CountField(label="定員", help_text="職員が電話や窓口で受ける予約も合わせた数です。")
    limit_public = CountField(label=PUBLIC, required=False, help_text=PUBLIC_HELP)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("limit_public") is None and "limit_public" not in self.errors:
            cleaned["limit_public"] = cleaned.get("limit_total")
        return cleaned


class VenueForm(RowForm):
    order = CountField(label="並び順", initial=0, most=9999, help_text="小さい数から順に並びます。")

    class Meta:
        model = Venue
        fields: ClassVar = ["name", "address", "order"]
        error_messages: ClassVar = {NON_FIELD_ERRORS: {"unique_together": "同じ名称の会場が、すでにあります。"}}


class ItemForm(RowForm):
    order = CountField(label="並び順", initial=0, most=9999, help_text="小さい数から順に並びます。")

    class Meta:
        model = Item
        fields: ClassVar = ["name", "code", "order"]
        error_messages: ClassVar = {NON_FIELD_ERRORS: {"unique_together": "同じコードの項目が、すでにあります。"}}


class HoursForm(PlacesForm):
    """Hours of one venue; a new one may be for several at once."""

    starts = ClockField(label="開始")
    ends = ClockField(label="終了")
    minutes = CountField(
        label="1枠の長さ（分）",
        least=1,
        most=MINUTES_OF_A_DAY,
        initial=30,
        help_text="開始から終了までを、この長さで区切って枠にします。",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.is_new:
            venues = [(venue.pk, venue.name) for venue in self.reception.venues.all()]
            missing = {"required": "会場を一つ以上選んでください。", "invalid_choice": "会場を一覧から選んでください。"}
            chosen = [number for number, _ in venues]
            del self.fields["venue"]
            self.fields["venues"] = NumbersField(names=venues, label="会場", error_messages=missing, initial=chosen)
            self.order_fields(["venues"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("venues"):
            self.instance.venue_id = cleaned["venues"][0]
        return cleaned

    def save_all(self) -> list[Any]:
        rows: list[Any] = []
        for venue in self.cleaned_data.get("venues", [self.instance.venue_id]):
            if rows:
                self.instance.pk, self.instance._state.adding = None, True
            self.instance.venue_id = venue
            rows.append(self.save())
            self.save_more()
        return rows

    def save_more(self) -> None:
        """What belongs to each of them."""


class PatternForm(HoursForm):
    weekdays = weekdays_field()
    weeks = weeks_field()
    valid_from = DayField(label="いつから", required=False, help_text="空欄なら、受付の有効期間のはじめからです。")
    valid_to = DayField(label="いつまで", required=False, help_text="空欄なら、受付の有効期間のおわりまでです。")
    groups: ClassVar = [
        ("いつ・どこで", ["venues", "venue", "weekdays", "starts", "ends", "minutes"]),
        ("定員（1枠ごと）", ["limit_total", "limit_public"]),
        ("特別なとき", ["weeks", "valid_from", "valid_to"]),
    ]

    class Meta:
        model = WeeklyPattern
        fields: ClassVar = [
            "venue",
            "weekdays",
            "starts",
            "ends",
            "minutes",
            "limit_total",
            "limit_public",
            "weeks",
            "valid_from",
            "valid_to",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.items = list(self.reception.items.all())
        has = {} if self.is_new else {row.item_id: row for row in self.instance.item_limits.all()}
        for item in self.items:
            for kind in ("total", "public"):
                row = has.get(item.pk)
                value = getattr(row, f"limit_{kind}") if row else None
                self.fields[f"item_{item.pk}_{kind}"] = CountField(
                    label=item.name if kind == "total" else f"{item.name}（うち住民）", required=False, initial=value
                )

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        sections = super().sections()
        boxes = {f"item_{item.pk}_{kind}" for item in self.items for kind in ("total", "public")}
        return [(head, [box for box in fields if box.name not in boxes]) for head, fields in sections if head]

    def item_rows(self) -> list[tuple[Item, forms.BoundField, forms.BoundField]]:
        return [(item, self[f"item_{item.pk}_total"], self[f"item_{item.pk}_public"]) for item in self.items]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "「いつまで」は、「いつから」と同じ日か後の日にしてください。")
        for item in self.items:
            total, public = cleaned.get(f"item_{item.pk}_total"), cleaned.get(f"item_{item.pk}_public")
            if public is not None and (total is None or public > total):
                message = "住民が予約できる数は、全体の定員までにしてください。"
                self.add_error(f"item_{item.pk}_public", message)
        return cleaned

    def save_more(self) -> None:
        self.instance.item_limits.all().delete()
        for item in self.items:
            total = self.cleaned_data[f"item_{item.pk}_total"]
            public = self.cleaned_data[f"item_{item.pk}_public"]
            if total is not None:
                public = total if public is None else public
                PatternItem.objects.create(pattern=self.instance, item=item, limit_public=public, limit_total=total)


class OpeningForm(HoursForm):
    day = DayField(label="日")
    groups: ClassVar = [
        ("いつ・どこで", ["venues", "venue", "day", "starts", "ends", "minutes", "reason"]),
        ("定員（1枠ごと）", ["limit_total", "limit_public"]),
    ]

    class Meta:
        model = Opening
        fields: ClassVar = ["venue", "day", "starts", "ends", "minutes", "reason", "limit_total", "limit_public"]


class ClosureForm(RowForm):
    first_day = DayField(label="初日")
    last_day = DayField(label="最終日", required=False, help_text="空欄なら、初日だけの休みです。")

    class Meta:
        model = Closure
        fields: ClassVar = ["first_day", "last_day", "venue", "reason"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        venue = self.fields["venue"]
        assert isinstance(venue, forms.ModelChoiceField)
        venue.empty_label = "すべての会場"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("last_day") is None and "last_day" not in self.errors:
            cleaned["last_day"] = cleaned.get("first_day")
        return cleaned


class QuotaForm(PlacesForm):
    """What is counted stays as it is: the days of it are there already. Another is another quota."""

    groups: ClassVar = [("なにの定員か", ["item", "venue"]), ("1日の定員", ["limit_total", "limit_public"])]

    class Meta:
        model = Quota
        fields: ClassVar = ["item", "venue", "limit_total", "limit_public"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, everything in (("item", "項目を問わず全員"), ("venue", "すべての会場を合わせて")):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.empty_label = everything
            field.disabled = not self.is_new

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_new and not self.errors:
            same = Quota.objects.filter(calendar=self.reception, item=cleaned["item"], venue=cleaned["venue"])
            if same.exists():
                raise ValidationError("同じ項目と会場の定員が、すでにあります。そちらを直してください。")
        return cleaned


class SeasonForm(RowForm):
    first_day = DayField(label="初日")
    last_day = DayField(label="最終日")
    limit_total = CountField(
        label="期を通した定員", required=False, help_text="空欄なら、期を通した人数の上限はありません。"
    )
    limit_public = CountField(label=PUBLIC, required=False, help_text=PUBLIC_HELP)
    groups: ClassVar = [
        ("期", ["name", "first_day", "last_day"]),
        ("期を通した定員", ["limit_total", "limit_public"]),
    ]

    class Meta:
        model = Season
        fields: ClassVar = ["name", "first_day", "last_day", "limit_total", "limit_public"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        total, public = cleaned.get("limit_total"), cleaned.get("limit_public")
        if total is not None and public is None and "limit_public" not in self.errors:
            cleaned["limit_public"] = total
        elif total is not None and public is not None and public > total:
            self.add_error("limit_public", "住民が予約できる数は、全体の定員までにしてください。")
        return cleaned
