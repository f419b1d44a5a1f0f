"""設定との違い: slots that are there and the rules as they are now, and what can be done about the difference."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from reservations.capacity import close
from reservations.generation import existing_slots, generate, read_rules
from reservations.models import Booking, Bucket, Calendar, Scope, Slot
from reservations.planning import PlannedSlot, Rules, plan
from reservations.refusals import Refused
from reservations.relayout import remove_slots
from reservations.setup.base import ReceptionView
from reservations.setup.changes import note
from reservations.setup.periods import PeriodForm, what_is_there
from reservations.setup.sections import day_words

SHOWN = 100  # days of a list
NO_RULE = "今の「曜日と時間」にありません"

Place = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """A slot that is not as the rules say. why: in words."""

    slot: int
    day: date
    venue: str
    starts_at: datetime
    why: str
    is_booked: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """surplus: no rule asks for them; changed: another length or limit; missing: how many are not there."""

    surplus: list[Found]
    changed: list[Found]
    missing: int


def differences(calendar: Calendar, first: date, last: date) -> Differences:
    """Of the slots to come. Booked is what anybody ever booked: it cannot be removed."""
    rules, now = read_rules(calendar), timezone.now()
    first = max(first, timezone.localdate())
    there = {slot.place: slot for slot in existing_slots(calendar, first, last) if slot.starts_at > now}
    wanted = {slot.place: slot for slot in plan(rules, first, last, now=now).make}
    facts, venues = _facts(calendar, first, last), {venue.pk: venue.name for venue in rules.venues}

    def found(slot: PlannedSlot, why: str) -> Found:
        number, is_booked, is_closed = facts[slot.place]
        return Found(number, slot.day, venues[slot.venue], slot.starts_at, why, is_booked, is_closed)

    surplus = [found(slot, _why_not(rules, slot)) for place, slot in there.items() if place not in wanted]
    changed = [
        found(slot, _how(slot, wanted[place]))
        for place, slot in there.items()
        if place in wanted and slot != wanted[place]
    ]
    missing = sum(1 for place in wanted if place not in there)
    return Differences(sorted(surplus, key=_when), sorted(changed, key=_when), missing)


def _when(found: Found) -> tuple[datetime, str]:
    return found.starts_at, found.venue


def _facts(calendar: Calendar, first: date, last: date) -> dict[Place, tuple[int, bool, bool]]:
    """By place: the slot's number, whether anybody ever booked it, whether it is closed."""
    booked = Exists(Booking.objects.filter(slot=OuterRef("pk")))
    shut = Exists(Slot.objects.filter(pk=OuterRef("pk"), own_buckets__scope=Scope.SLOT, own_buckets__closed=True))
    slots = calendar.slots.filter(day__range=(first, last)).annotate(is_booked=booked, is_closed=shut)
    rows = slots.values_list("venue", "starts_at", "pk", "is_booked", "is_closed")
    return {(venue, starts): (number, is_booked, is_closed) for venue, starts, number, is_booked, is_closed in rows}


def _why_not(rules: Rules, slot: PlannedSlot) -> str:
    if not rules.is_valid(slot.day):
        return "有効期間の外です"
    return rules.closure_of(slot.day, slot.venue) or rules.holiday_of(slot.day) or NO_RULE


def _how(slot: PlannedSlot, wanted: PlannedSlot) -> str:
    if slot.ends_at != wanted.ends_at:
        minutes = [int((each.ends_at - each.starts_at).total_seconds() // 60) for each in (slot, wanted)]
        return f"長さが{minutes[0]}分で、設定は{minutes[1]}分です"
    if (slot.public, slot.total) != (wanted.public, wanted.total):
        now, then = (f"{each.total}（うち住民{each.public}）" for each in (slot, wanted))
        return f"定員が{now}で、設定は{then}です"
    return "項目の定員が設定と違います"


def by_day(found: Iterable[Found]) -> list[dict[str, Any]]:
    """One line for the slots of a day and venue that differ in the same way."""
    groups: dict[tuple[date, str, str], list[Found]] = defaultdict(list)
    for each in found:
        groups[each.day, each.venue, each.why].append(each)
    return [
        {
            "day": day,
            "words": day_words(day),
            "venue": venue,
            "why": why,
            "count": len(slots),
            "booked": sum(slot.is_booked for slot in slots),
            "closed": sum(slot.is_closed for slot in slots),
        }
        for (day, venue, why), slots in groups.items()
    ]


class DifferencesView(ReceptionView):
    """POST with `act`: `remove` surplus slots, `close` them, or `renew` what differs; of what nobody has booked."""

    template_name = "reservations/setup/differences.html"
    page_title = "設定との違い"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = kwargs.get("form")
        if form is None:
            asked = self.request.GET if "first" in self.request.GET or "last" in self.request.GET else None
            form = PeriodForm(asked or what_is_there(self.reception))
        context["form"] = form
        if not form.is_valid():
            return context
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        found = differences(self.reception, first, last)
        surplus, changed = by_day(found.surplus), by_day(found.changed)
        return context | {
            "first": first,
            "last": last,
            "found": found,
            "surplus": surplus[:SHOWN],
            "changed": changed[:SHOWN],
            "more_surplus": max(0, len(surplus) - SHOWN),
            "more_changed": max(0, len(changed) - SHOWN),
            "removable": sum(not each.is_booked for each in found.surplus),
            "closable": sum(not each.is_closed for each in found.surplus),
            "renewable": sum(_is_renewable(each) for each in found.changed),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PeriodForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        acts = {"remove": self._remove, "close": self._close, "renew": self._renew}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            return self.refuse(Refused("どうするかを選んでください。"), form=form)
        try:
            told = act(differences(self.reception, first, last), first, last)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused, form=form)
        messages.success(request, told)
        return redirect(f"{self.url('differences')}?first={first}&last={last}")

    def _remove(self, found: Differences, first: date, last: date) -> str:
        removed = remove_slots(slot_ids=[each.slot for each in found.surplus if not each.is_booked])
        note(self.reception, self.user, f"設定にない枠{removed}を削除（{first}〜{last}）")
        return f"{removed:,}の枠を消しました。"

    def _close(self, found: Differences, first: date, last: date) -> str:
        slots = [each.slot for each in found.surplus if not each.is_closed]
        own = Bucket.objects.filter(slot__in=slots, scope=Scope.SLOT).values_list("pk", flat=True)
        close(bucket_ids=list(own), actor=self.user, reason="設定にない枠")
        return f"{len(slots):,}の枠の受付を止めました。予約はそのまま残っています。"

    def _renew(self, found: Differences, first: date, last: date) -> str:
        """Empty slots once more, as the rules say now. What was closed by hand stays."""
        changed = [each for each in found.changed if _is_renewable(each)]
        removed = remove_slots(slot_ids=[each.slot for each in changed])
        note(self.reception, self.user, f"設定と違う枠{removed}を作り直し（{first}〜{last}）")
        made = generate(calendar_id=self.reception.pk, first=first, last=last, actor=self.user)
        return f"{removed:,}の枠を消し、設定のとおりに{len(made.make):,}の枠を作りました。"


def _is_renewable(found: Found) -> bool:
    return not found.is_booked and not found.is_closed
