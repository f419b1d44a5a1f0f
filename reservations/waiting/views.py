"""キャンセル待ち as the resident sees it: getting onto the list, where one stands, and what is offered."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from applications.models import Application
from applications.services import add_key
from applications.status import EDITABLE
from applications.views.errors import visit_or_404
from applications.visits import hand_key
from reservations.asking import Unclear, asked
from reservations.lottery.entering import entry_of, slots_of, takes_entries, withdraw
from reservations.models import ON_LIST, Wait, WaitingEntry
from reservations.refusals import Refused, SlotGone, clock
from reservations.resident.links import application_of, token_of
from reservations.resident.looking import NUMBER
from reservations.resident.picking import elsewhere_of
from reservations.waiting.entries import accept, can_be_taken, join, leave, live_entries, position

DONE = {
    "joined": gettext_noop("キャンセル待ちに登録しました。空きが出たら、順番に案内します。"),
    "left": gettext_noop("取りやめました。"),
    "accepted": gettext_noop("予約が確定しました。"),
    "withdrawn": gettext_noop("抽選の申込みを取りやめました。"),
}
NO_MAIL = gettext_noop(
    "メールアドレスの入力がないので、空きが出てもメールでお知らせできません。"
    "この画面を、ときどき開いて確かめてください。"
)
SHOWN_ENDED = 5  # entries that are over, the newest


@dataclass(frozen=True, slots=True)
class Row:
    """position: of who still waits; until: of an offer that can be taken, "" when there is none."""

    entry: WaitingEntry
    position: int
    until: str

    @property
    def is_waiting(self) -> bool:
        return self.entry.state == Wait.WAITING


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, code: str) -> HttpResponse:
    """From the picking page, for the slot that was pressed."""
    visit = visit_or_404(request, code)
    if elsewhere := elsewhere_of(request, visit):
        return elsewhere
    application = visit.application
    assert application is not None
    if request.method == "POST":
        try:
            wanted = asked(application)
            pressed = request.POST.get("wait", "")
            if not NUMBER.fullmatch(pressed) or not wanted.calendar.slots.filter(pk=pressed).exists():
                raise SlotGone
            join(application=application, slot_id=int(pressed), party=wanted.party)
        except Unclear:
            return redirect("apply-reservation", code=code)
        except Refused as refused:
            return _refused(request, visit.engine.definition.title, code, refused)
        return _to(token_of(application), "joined")
    return redirect("reservation-waiting", token=token_of(application))


@require_POST
def resume(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """On with the application, on this device, from the page behind the link."""
    application = application_of(token)
    if application is None or application.form.code != code:
        raise Http404
    response = redirect("apply-check", code=code)
    if visit_or_404(request, code).application != application:
        hand_key(response, code, add_key(application.pk))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link: the slots that are waited for, what is offered, and the lottery."""
    application = application_of(token)
    if application is None:
        raise Http404
    if request.method != "POST":
        return _page(request, application, token)
    try:
        done = _act(application, request.POST.get("action", ""), request.POST.get("entry", ""))
    except Refused as refused:
        return _page(request, application, token, refused.message)
    return _to(token, done)


def _act(application: Application, action: str, number: str) -> str:
    """What was done. Only with the application's own entries."""
    if action == "withdraw":
        entry = entry_of(application)
        if entry is None:
            raise Http404
        withdraw(entry_id=entry.pk)
        return "withdrawn"
    wait = application.waits.filter(pk=number).first() if NUMBER.fullmatch(number) else None
    if wait is None or action not in ("leave", "accept"):
        raise Http404
    if action == "leave":
        leave(entry_id=wait.pk)
        return "left"
    accept(entry_id=wait.pk)
    return "accepted"


def _to(token: str, done: str) -> HttpResponse:
    response = redirect("reservation-waiting", token=token)
    response["Location"] += f"?done={done}"
    return response


def _page(request: HttpRequest, application: Application, token: str, problem: str = "") -> HttpResponse:
    now, ended = timezone.now(), application.waits.exclude(state__in=ON_LIST)
    entries, done = list(live_entries(application)), request.GET.get("done", "")
    is_news = not problem and (done != "joined" or any(entry.state == Wait.WAITING for entry in entries))
    lot = entry_of(application)
    context = {
        "title": application.version.spoken.definition.title,
        "code": application.form.code,
        "token": token,
        "department": application.department,
        "rows": [_row(entry) for entry in entries],
        "ended": ended.select_related("slot__venue").order_by("-ended_at")[:SHOWN_ENDED],
        "is_draft": application.status in EDITABLE,
        "no_mail": _(NO_MAIL) if any(not entry.email for entry in entries) else "",
        "lot": lot,
        "wishes": slots_of(lot) if lot else [],
        "may_withdraw": lot is not None and takes_entries(lot.lottery, now),
        "closes": clock(lot.lottery.closes_at) if lot else "",
        "problem": problem,
        "message": DONE.get(done, "") if is_news else "",
    }
    return TemplateResponse(request, "reservations/waiting/mine.html", context, status=409 if problem else 200)


def _row(entry: WaitingEntry) -> Row:
    is_there = entry.state == Wait.OFFERED and can_be_taken(entry, timezone.now())
    until = clock(entry.offered_until) if is_there and entry.offered_until else ""
    return Row(entry, position(entry), until)


def _refused(request: HttpRequest, title: str, code: str, refused: Refused) -> HttpResponse:
    context = {"title": title, "code": code, "message": refused.message}
    return TemplateResponse(request, "reservations/waiting/refused.html", context, status=409)
