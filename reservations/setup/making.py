"""枠を作る, 去年の枠を写す: looked at first, then made. Both may be repeated without harm."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from formbuilder.japanese.closed_days import NEW_YEAR, holiday_name, is_new_year
from reservations.copying import YEAR_IN_WEEKS, Diff
from reservations.generation import Copy, copy_year, generate, preview, preview_copy
from reservations.models import Calendar
from reservations.planning import PAST, Plan, PlannedSlot
from reservations.refusals import Refused
from reservations.setup.base import ReceptionView
from reservations.setup.months import WEEKDAYS, Month, months_between
from reservations.setup.periods import PeriodForm, coming_year
from reservations.setup.sections import day_words

CHANGED = "確かめているあいだに設定か枠が変わりました。下の内容をもう一度確かめてから、作ってください。"
SHOWN = 50  # lines of a list


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How many slots of a day are made, there and surplus; why there are none, and what holiday it is."""

    make: int
    there: int
    surplus: int
    reasons: tuple[str, ...]
    holiday: str


def by_month(plan: Plan, first: date, last: date) -> list[Month[DayPlan]]:
    make, there, surplus = (Counter(slot.day for slot in part) for part in (plan.make, plan.there, plan.surplus))
    reasons: dict[date, dict[str, None]] = defaultdict(dict)
    for skip in plan.skipped:
        reasons[skip.day][skip.reason] = None

    def cell(day: date) -> DayPlan:
        holiday = (holiday_name(day) or NEW_YEAR * is_new_year(day)) if day not in reasons else ""
        return DayPlan(make[day], there[day], surplus[day], tuple(reasons.get(day, ())), holiday)

    return list(months_between(first, last, cell))


class MakeView(ReceptionView):
    """With a period in the address, what would be made; POST makes it."""

    template_name = "reservations/setup/make.html"
    page_title = "枠を作る"
    name = "make"

    def plan(self, first: date, last: date) -> tuple[Plan, Diff | None]:
        return preview(calendar=self.reception, first=first, last=last), None

    def make(self, first: date, last: date) -> Plan:
        return generate(calendar_id=self.reception.pk, first=first, last=last, actor=self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = kwargs.get("form")
        if form is None:
            asked = self.request.GET if "first" in self.request.GET or "last" in self.request.GET else None
            form = PeriodForm(asked, initial=coming_year(self.reception))
        context |= {"form": form, "is_copy": self.name == "copy", "address": self.url(self.name)}
        if form.is_bound and form.is_valid():
            first, last = form.cleaned_data["first"], form.cleaned_data["last"]
            plan, diff = self.plan(first, last)
            context |= self._shown(plan, first, last) | {"first": first, "last": last}
            if diff is not None:
                context["diff"] = _shown_diff(diff, self.reception)
        return context

    def _shown(self, plan: Plan, first: date, last: date) -> dict[str, Any]:
        days_of = {reason: len(days) for reason, days in _days_by_reason(plan).items()}
        return {
            "plan": plan,
            "places": sum(slot.total for slot in plan.make),
            "skipped": sorted(days_of.items(), key=lambda pair: -pair[1]),
            "months": by_month(plan, first, last),
            "weekdays": WEEKDAYS,
            "source": (first - timedelta(weeks=YEAR_IN_WEEKS), last - timedelta(weeks=YEAR_IN_WEEKS)),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PeriodForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        shown, _ = self.plan(first, last)
        if request.POST.get("make") != str(len(shown.make)):
            return self.refuse(Refused(CHANGED), form=form)
        try:
            made = self.make(first, last)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused, form=form)
        messages.success(request, f"{len(made.make):,}の枠を作りました。")
        if made.surplus:
            messages.warning(request, f"今の設定にない枠が{len(made.surplus):,}あります。下で確かめてください。")
            return redirect(f"{self.url('differences')}?first={first}&last={last}")
        return redirect(self.url("month", *_month_of(made, first)))


class CopyView(MakeView):
    page_title = "去年の枠を写す"
    name = "copy"

    def plan(self, first: date, last: date) -> tuple[Plan, Diff | None]:
        copied: Copy = preview_copy(calendar=self.reception, first=first, last=last)
        return copied.plan, copied.diff

    def make(self, first: date, last: date) -> Plan:
        return copy_year(calendar_id=self.reception.pk, first=first, last=last, actor=self.user).plan


def _days_by_reason(plan: Plan) -> Mapping[str, set[date]]:
    days: dict[str, set[date]] = defaultdict(set)
    for skip in plan.skipped:
        if skip.reason != PAST:
            days[skip.reason].add(skip.day)
    return days


def _month_of(plan: Plan, first: date) -> tuple[int, int]:
    day = plan.make[0].day if plan.make else first
    return day.year, day.month


def _shown_diff(diff: Diff, calendar: Calendar) -> list[dict[str, Any]]:
    """By kind of difference: how many slots, and the first lines, a day and venue each."""
    names = dict(calendar.venues.values_list("pk", "name"))
    parts: list[tuple[str, Iterable[PlannedSlot]]] = [
        ("去年の枠にはあり、今の「曜日と時間」にはない枠（作ります）", diff.only_copy),
        (
            "去年の枠にはなく、今の「曜日と時間」にはある枠（作りません。「枠を作る」で足せます）",
            diff.only_week,
        ),
        ("時刻は同じで、定員か長さが違う枠（去年のとおりに作ります）", [ours for ours, _ in diff.limits]),
    ]
    shown = []
    for title, slots in parts:
        counts = Counter((slot.day, slot.venue) for slot in slots)
        lines = [f"{day_words(day)} {names.get(venue, '')} {count}枠" for (day, venue), count in sorted(counts.items())]
        more = max(0, len(lines) - SHOWN)
        shown.append({"title": title, "count": sum(counts.values()), "lines": lines[:SHOWN], "more": more})
    return shown
