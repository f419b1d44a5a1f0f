"""枠を見る・直す: a month, a day, a slot; closing, opening, resizing and removing what is chosen there."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from wagtail.log_actions import registry

from reservations.capacity import close, resize
from reservations.models import ACTIVE, Booking, Bucket, Scope, Slot
from reservations.refusals import Refused
from reservations.relayout import remove_slots
from reservations.setup.base import ReceptionView
from reservations.setup.changes import note
from reservations.setup.concerned import bucket_name, lines
from reservations.setup.fields import FIRST_DATE, LAST_DATE, CountField
from reservations.setup.forms import PUBLIC, PUBLIC_HELP
from reservations.setup.looking import month_state, quotas_of_day, row_of, rows_of_day
from reservations.setup.months import WEEKDAYS, month_before, next_month
from reservations.setup.sections import day_words

CLOSE, OPEN, RESIZE, REMOVE = "close", "open", "resize", "remove"
ACTS = [
    (CLOSE, "受付を止める（予約はそのまま残ります）"),
    (OPEN, "受付を再開する"),
    (RESIZE, "定員を変える"),
    (REMOVE, "予約のない枠を消す"),
]
NOTHING_CHOSEN = "直すものを一つ以上選んでください。"
REMOVED = "選んだ枠が消されています。何も変わっていません。画面を開き直して、選び直してください。"
ONLY_SLOTS = "消せるのは枠だけです。項目や1日の定員は、「定員を変える」か「受付を止める」で直してください。"
NAMED = 5  # in a line of the history


class ChangeForm(forms.Form):
    """What to do with the limits that were chosen: numbers of buckets."""

    chosen = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": NOTHING_CHOSEN,
            "invalid_choice": REMOVED,
        },
    )
    act = forms.ChoiceField(
        choices=ACTS,
        widget=forms.RadioSelect,
        label="どうするか",
        error_messages={"required": "どうするかを選んでください。", "invalid_choice": "どうするかを選んでください。"},
    )
    total = CountField(label="定員", required=False, help_text="「定員を変える」ときに入力します。")
    public = CountField(label=PUBLIC, required=False, help_text=PUBLIC_HELP)
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=200,
        help_text="履歴に残ります。例: 医師の都合　個人名は書かないでください。",
    )

    def __init__(self, *args: Any, buckets: Collection[int], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["chosen"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(number, "") for number in buckets]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("act") != RESIZE or "total" in self.errors:
            return cleaned
        total, public = cleaned.get("total"), cleaned.get("public")
        if total is None:
            self.add_error("total", "新しい定員を入力してください。")
        elif public is not None and public > total:
            self.add_error("public", "住民が予約できる数は、全体の定員までにしてください。")
        elif public is None and "public" not in self.errors:
            cleaned["public"] = total
        return cleaned


class MonthView(ReceptionView):
    template_name = "reservations/setup/month.html"
    page_title = "枠を見る・直す"

    def prepare(self) -> None:
        super().prepare()
        today = timezone.localdate()
        year, month = self.kwargs.get("year", today.year), self.kwargs.get("month", today.month)
        try:
            self.first = date(year, month, 1)
        except (ValueError, OverflowError) as wrong:
            raise Http404 from wrong
        if not FIRST_DATE <= self.first <= LAST_DATE:
            raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before, after = month_before(self.first), next_month(self.first)
        return super().get_context_data(**kwargs) | {
            "month": month_state(self.reception, self.first),
            "weekdays": WEEKDAYS,
            "before": before if before >= FIRST_DATE else None,
            "after": after if after <= LAST_DATE else None,
            "today": timezone.localdate(),
        }


class ChangingView(ReceptionView):
    """A page with things to tick, and one form for what is to be done with them."""

    http_method_names = ["get", "head", "post"]

    def buckets(self) -> dict[int, Bucket]:
        """What can be chosen here."""
        raise NotImplementedError  # the slots of a day, or the limits of one slot: the pages below say

    def here(self) -> str:
        """The page's own address."""
        raise NotImplementedError  # as above

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or ChangeForm(buckets=())
        chosen = set(self.request.POST.getlist("chosen")) if form.is_bound else set()
        return super().get_context_data(**kwargs) | {"form": form, "chosen": chosen}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        buckets = self.buckets()
        form = ChangeForm(request.POST, buckets=buckets)
        if not form.is_valid():
            messages.error(request, "まだ何も変わっていません。赤い表示の項目を直してください。")
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            told = self.change([buckets[number] for number in form.cleaned_data["chosen"]], form.cleaned_data)
        except ObjectDoesNotExist:  # somebody removed it at this moment
            return self.refuse(Refused(REMOVED), form=form)
        except Refused as refused:
            return self.refuse(refused, form=form)
        messages.success(request, told)
        gone = isinstance(self, SlotView) and not Slot.objects.filter(pk=self.kwargs["slot"]).exists()
        return redirect(self.url("hub") if gone else self.here())

    def change(self, buckets: list[Bucket], asked: dict[str, Any]) -> str:
        """Do it to all of them, or to none; returns what was done. Raises Refused, BelowBooked."""
        numbers, act, reason = [bucket.pk for bucket in buckets], asked["act"], asked["reason"]
        if act == REMOVE:
            return self._remove(buckets)
        if act == RESIZE:
            resize(bucket_ids=numbers, public=asked["public"], total=asked["total"], actor=self.user, reason=reason)
            told = f"{len(numbers)}件の定員を{asked['total']}（うち住民{asked['public']}）にしました。"
        else:
            booked = close(bucket_ids=numbers, actor=self.user, reason=reason, closed=act == CLOSE)
            told = f"{len(numbers)}件の受付を{'止めました' if act == CLOSE else '再開しました'}。"
            if act == CLOSE and booked:
                people = len({booking.pk for booking in booked})
                told += f"予約が{people}件あります。下の予約の人に連絡し、日時を変えるか取り消してください。"
        self._note_shared(buckets, told, reason)
        return told

    def _remove(self, buckets: list[Bucket]) -> str:
        slots = [bucket.slot_id for bucket in buckets if bucket.scope == Scope.SLOT and bucket.slot_id is not None]
        if not slots:
            raise Refused(ONLY_SLOTS)
        removed = remove_slots(slot_ids=slots)
        if removed:
            note(self.reception, self.user, f"予約のない枠{removed}を削除")
        kept = len(slots) - removed
        return f"{removed}の枠を消しました。" + (f"予約やキャンセル待ちのある枠{kept}は残しました。" if kept else "")

    def _note_shared(self, buckets: list[Bucket], told: str, reason: str) -> None:
        """What belongs to no slot has no history but the reception's."""
        names = [bucket_name(bucket) for bucket in buckets if bucket.slot_id is None]
        if names:
            more = f"ほか{len(names) - NAMED}件" if len(names) > NAMED else ""
            note(self.reception, self.user, " ".join(["、".join(names[:NAMED]) + more, told, reason]).strip())


class DayView(ChangingView):
    template_name = "reservations/setup/day.html"

    def prepare(self) -> None:
        super().prepare()
        try:
            self.day = date(self.kwargs["year"], self.kwargs["month"], self.kwargs["day"])
        except (ValueError, OverflowError) as wrong:
            raise Http404 from wrong

    def path(self) -> list[tuple[str, str]]:
        month = self.url("month", self.day.year, self.day.month)
        return [*super().path(), (month, f"{self.day.year}年{self.day.month}月")]

    def get_page_title(self) -> str:
        return day_words(self.day)

    def here(self) -> str:
        return self.url("day", self.day.year, self.day.month, self.day.day)

    def buckets(self) -> dict[int, Bucket]:
        rows = [row for _, rows in rows_of_day(self.reception, self.day) for row in rows]
        own = [bucket for row in rows for bucket in (row.whole, *row.items)]
        return {bucket.pk: bucket for bucket in [*own, *quotas_of_day(self.reception, self.day)]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        booked = Booking.objects.filter(slot__calendar=self.reception, slot__day=self.day, state__in=ACTIVE)
        return super().get_context_data(**kwargs) | {
            "day": self.day,
            "venues": rows_of_day(self.reception, self.day),
            "quotas": quotas_of_day(self.reception, self.day),
            "bookings": booked.count(),
        }


class SlotView(ChangingView):
    """One slot: its limits, who has booked, and its history."""

    template_name = "reservations/setup/slot.html"

    def prepare(self) -> None:
        super().prepare()
        slots = Slot.objects.filter(calendar=self.reception).select_related("venue")
        self.slot = get_object_or_404(slots, pk=self.kwargs["slot"])

    def path(self) -> list[tuple[str, str]]:
        day = self.slot.day
        return [*super().path(), (self.url("day", day.year, day.month, day.day), day_words(day))]

    def get_page_title(self) -> str:
        return str(self.slot)

    def here(self) -> str:
        return self.url("slot", self.slot.pk)

    def buckets(self) -> dict[int, Bucket]:
        row = row_of(self.slot)
        return {bucket.pk: bucket for bucket in (row.whole, *row.items)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        booked = Booking.objects.filter(slot=self.slot, state__in=ACTIVE).values_list("pk", flat=True)
        history = registry.get_logs_for_instance(self.slot).select_related("user").order_by("-timestamp")
        context, row = super().get_context_data(**kwargs), row_of(self.slot)
        if not context["form"].is_bound and not row.items:
            context["chosen"] = {str(row.whole.pk)}  # there is nothing else to choose
        return context | {
            "slot": self.slot,
            "row": row,
            "lines": lines(booked, self.user),
            "history": [(entry.timestamp, entry.user_display_name, _told(entry.data)) for entry in history[:50]],
        }


def _told(data: dict[str, Any]) -> str:
    """What the history of a slot says: what capacity.py notes."""
    if "closed" in data:
        told = "受付を止めました" if data["closed"] else "受付を再開しました"
    else:
        told = f"定員を{data.get('total')}（うち住民{data.get('public')}）にしました"
    return f"{told}（{data['reason']}）" if data.get("reason") else told
