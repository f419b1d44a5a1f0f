"""日時の選択: the page behind the gate. Looking at it writes nothing; choosing holds the places."""

import re
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from applications.models import Application
from applications.pages import gate_redirect, turned_away
from applications.views.errors import visit_or_404
from applications.visits import Visit
from reservations.asking import Asked, Unclear, asked, requirement_of
from reservations.availability import nearest
from reservations.gate import active_booking
from reservations.lottery.entering import is_all_by_lot, lottery_for
from reservations.models import Booking, Calendar, Slot, State
from reservations.party import Party, places_of
from reservations.refusals import HoldGone, Refused
from reservations.resident.holding import fits_answers, is_late, kept_of, take, wishes_of
from reservations.resident.links import token_of
from reservations.resident.looking import NUMBER, Look, read_look
from reservations.resident.offer import Row, offer, row_of
from reservations.waiting.entries import live_entries

KEY = re.compile("[A-Za-z0-9_-]{1,32}")  # secrets.token_urlsafe
OTHER_PARTY = gettext_noop(
    "入力した人数や項目が、日時を選んだときから変わりました。もう一度、日時を選んでください。"
    "同じ日時でよいときは、「同じ日時で取り直す」を押してください。"
)
OTHER_CALENDAR = gettext_noop("予約の受付が新しくなりました。もう一度、日時を選んでください。")
NOTHING_CHOSEN = gettext_noop("日時が選ばれていません。空きのある日時を選んでください。")


@require_http_methods(["GET", "HEAD", "POST"])
def pick(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    if elsewhere := elsewhere_of(request, visit):
        return elsewhere
    application = visit.application
    assert application is not None
    try:
        wanted = asked(application)
    except Unclear as unclear:
        return _unclear(request, visit, unclear)
    if request.method == "POST":
        return _take(request, visit, wanted)
    if active_booking(application) is None and is_all_by_lot(wanted.calendar, timezone.now()):
        return redirect("reservation-lottery", code=code)
    return _show(request, visit, wanted)


def elsewhere_of(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    """Where the resident has to be instead: everything before this page comes first."""
    if elsewhere := turned_away(request, visit):
        return elsewhere
    assert visit.application is not None
    if requirement_of(visit.application) is None:
        raise Http404
    if not visit.journey.is_complete:
        return redirect("apply", code=visit.code)
    return gate_redirect(visit)


def _take(request: HttpRequest, visit: Visit, wanted: Asked) -> HttpResponse:
    assert visit.application is not None
    slot_id = slot_of(request)
    if slot_id is None:
        return _show(request, visit, wanted, _(NOTHING_CHOSEN))
    try:
        take(application=visit.application, wanted=wanted, slot_id=slot_id, key=_key_of(request))
    except Refused as refused:
        return _show(request, visit, wanted, refused.message, slot_id)
    return redirect("apply-check", code=visit.code)


def _key_of(request: HttpRequest) -> str:
    """Of the page that was sent; whatever else comes is no key."""
    key = request.POST.get("key", "")
    return key if KEY.fullmatch(key) else ""


def slot_of(request: HttpRequest) -> int | None:
    """The slot that was pressed."""
    text = request.POST.get("slot", "")
    return int(text) if NUMBER.fullmatch(text) else None


def _show(
    request: HttpRequest, visit: Visit, wanted: Asked, problem: str = "", refused_slot: int | None = None
) -> HttpResponse:
    application, now = visit.application, timezone.now()
    assert application is not None
    booking = active_booking(application)
    holds = booking if booking is not None and not is_late(booking, now) else None
    why_again = "" if problem else _why_again(application, booking, wanted)
    mine = holds if holds is not None and holds.slot.calendar_id == wanted.calendar.pk else None
    lost = refused_slot or (None if holds else _last_slot(application))
    context = {
        **picking_context(request, wanted.calendar, wanted.party, mine, lost),
        "title": visit.engine.definition.title,
        "code": visit.code,
        "department": visit.version.department,
        "problem": problem,
        "why_again": why_again,
        "kept": kept_of(mine, now) if mine is not None else None,
        "is_settled": mine is not None and fits_answers(mine, wanted),
        "mend_url": _mend_url(visit),
        "waits": live_entries(application),
        "token": token_of(application),
        "lottery": lottery_for(wanted.calendar),
    }
    status = 409 if problem else 200
    return TemplateResponse(request, "reservations/pick.html", context, status=status)


def picking_context(
    request: HttpRequest, calendar: Calendar, party: Party, mine: Booking | None, lost: int | None
) -> dict[str, Any]:
    """What the list and the month of any picking page need. lost: a slot that could not be had."""
    look = read_look(request.GET)
    slot = Slot.objects.select_related("calendar").filter(pk=lost, calendar=calendar).first() if lost else None
    if slot is not None and look.month is None and slot.starts_at > timezone.now():
        look = Look(month=slot.day.replace(day=1), day=slot.day, venue=look.venue, is_list=look.is_list)
    return {
        "offer": offer(calendar=calendar, party=party, look=look, mine=mine),
        "wishes": wishes_of(calendar, party),
        "places": places_of(party),
        "nearby": _nearby(slot, party, mine) if slot is not None else [],
        "key": secrets.token_urlsafe(12),
        "now": timezone.now(),
    }


def _nearby(slot: Slot, party: Party, mine: Booking | None) -> list[Row]:
    """The free ones nearest to the slot: first of all itself, if it is free."""
    names = {item.pk: item.name for item in slot.calendar.items.all()}
    return [row_of(choice, party, names, mine) for choice in nearest(slot=slot, party=party, mine=mine)]


def _why_again(application: Application, booking: Booking | None, wanted: Asked) -> str:
    """Why somebody who had chosen is here again."""
    if booking is None:
        last = _last_booking(application)
        return _(HoldGone.message) if last is not None and last.state == State.EXPIRED else ""
    if booking.slot.calendar_id != wanted.calendar.pk:
        return _(OTHER_CALENDAR)
    if not fits_answers(booking, wanted):
        return _(OTHER_PARTY)
    return _(HoldGone.message) if is_late(booking, timezone.now()) else ""


def _last_booking(application: Application) -> Booking | None:
    return Booking.objects.filter(application=application).order_by("pk").last()


def _last_slot(application: Application) -> int | None:
    """The slot of a hold that has expired."""
    last = _last_booking(application)
    return last.slot_id if last is not None and last.state in (State.EXPIRED, State.HOLD) else None


def _mend_url(visit: Visit) -> str:
    """The last screen of the form, from where all others are reached."""
    return reverse("apply-step", kwargs={"code": visit.code, "step": visit.journey.steps[-1].slug})


def _unclear(request: HttpRequest, visit: Visit, unclear: Unclear) -> HttpResponse:
    context = {
        "title": visit.engine.definition.title,
        "message": unclear.message,
        "department": visit.version.department,
        "mend_url": _mend_url(visit),
    }
    return TemplateResponse(request, "reservations/unclear.html", context, status=409)
