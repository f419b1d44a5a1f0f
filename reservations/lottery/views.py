"""抽選 as residents see it: the wishes of an application, and the page that lets everybody repeat the draw."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.views.errors import visit_or_404
from applications.visits import Visit
from reservations.asking import Asked, Unclear, asked
from reservations.lottery.entering import enter, entry_of, lottery_for, takes_entries
from reservations.models import Lottery, LotteryEntry, LotteryState, Result, Slot
from reservations.refusals import NoWish, Refused, clock
from reservations.resident.holding import wishes_of
from reservations.resident.looking import NUMBER
from reservations.resident.picking import elsewhere_of


@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, code: str) -> HttpResponse:
    """第1希望, 第2希望, …: kept as an entry, and on to the check page."""
    visit = visit_or_404(request, code)
    if elsewhere := elsewhere_of(request, visit):
        return elsewhere
    application = visit.application
    assert application is not None
    try:
        wanted = asked(application)
    except Unclear:
        return redirect("apply-reservation", code=code)
    lottery = lottery_for(wanted.calendar)
    if lottery is None:
        return redirect("apply-reservation", code=code)
    if request.method != "POST":
        entry = entry_of(application)
        return _form(request, visit, wanted, lottery, entry.slots if entry else [])
    chosen = [text for rank in range(lottery.wishes) if (text := request.POST.get(f"wish{rank + 1}", ""))]
    slots = [int(text) for text in chosen if NUMBER.fullmatch(text)]
    try:
        if len(set(slots)) != len(slots):
            raise NoWish(_("同じ日時を二度選んでいます。希望ごとに、別の日時を選んでください。"))
        enter(lottery_id=lottery.pk, application=application, party=wanted.party, slots=slots)
    except Refused as refused:
        return _form(request, visit, wanted, lottery, slots, refused.message)
    return redirect("apply-check", code=code)


def _form(
    request: HttpRequest, visit: Visit, wanted: Asked, lottery: Lottery, chosen: Sequence[int], problem: str = ""
) -> HttpResponse:
    assert visit.application is not None
    slots = lottery.slots.select_related("venue").order_by("starts_at", "venue")
    days = [(day, [(slot, _short(slot)) for slot in group]) for day, group in groupby(slots, key=_day)]
    ranks = [(rank + 1, chosen[rank] if rank < len(chosen) else None) for rank in range(lottery.wishes)]
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "department": visit.version.department,
        "lottery": lottery,
        "entry": entry_of(visit.application),
        "days": days,
        "ranks": ranks,
        "problem": problem,
        "wishes": wishes_of(wanted.calendar, wanted.party),
        **_moments(lottery),
    }
    template = "reservations/waiting/wish.html"
    return TemplateResponse(request, template, context, status=409 if problem else 200)


def _day(slot: Slot) -> str:
    return slot.when.partition("）")[0] + "）"


def _short(slot: Slot) -> str:
    """Without the year, so that a phone shows the time too."""
    return f"{slot.when.partition('年')[2]} {slot.venue}"


def _moments(lottery: Lottery) -> dict[str, Any]:
    return {
        "opens": clock(lottery.opens_at),
        "closes": clock(lottery.closes_at),
        "draws": clock(lottery.draws_at) if lottery.draws_at else "",
        "is_open": takes_entries(lottery, timezone.now()),
    }


@require_safe
def public(request: HttpRequest, pk: int) -> HttpResponse:
    """How the draw is made, the hash of its seed, and after it the seed and every number's result. No names."""
    lotteries = Lottery.objects.exclude(state=LotteryState.PREPARED).select_related("calendar__department")
    lottery = get_object_or_404(lotteries, pk=pk)
    entries: list[LotteryEntry] = []
    if lottery.is_drawn:
        entries = list(lottery.entries.filter(place__isnull=False).order_by("place"))
    context = {
        "lottery": lottery,
        "department": lottery.calendar.department,
        "entries": entries,
        "count": lottery.entries.exclude(result=Result.WITHDRAWN).count(),
        "won": sum(entry.result == Result.WON for entry in entries),
        **_moments(lottery),
    }
    return TemplateResponse(request, "reservations/waiting/lottery.html", context)
