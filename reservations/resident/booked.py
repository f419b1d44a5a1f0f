"""The pages behind the link in the mail: what is booked, another time, no more, and the file for a calendar."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from reservations import services
from reservations.models import Booking, State
from reservations.placing import party_of
from reservations.refusals import Refused, TooLate, clock
from reservations.resident.calendar_file import calendar_file
from reservations.resident.holding import is_sure, wishes_of
from reservations.resident.links import application_of
from reservations.resident.looking import NUMBER
from reservations.resident.picking import NOTHING_CHOSEN, picking_context, slot_of
from reservations.windows import check_cancellable, check_changeable

CHANGED = gettext_noop("日時を変更しました。")
NOT_YET = gettext_noop("予約の手続がまだ終わっていません。終わると、変更と取消ができます。")


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    booking = _booking_or_404(token)
    message = _(CHANGED) if request.GET.get("done") == "changed" and booking.state == State.CONFIRMED else ""
    return _page(request, booking, token, message=message)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, token: str) -> HttpResponse:
    booking = _booking_or_404(token)
    if problem := _may_not(booking, "change"):
        return _page(request, booking, token, problem=problem)
    if request.method != "POST":
        return _choose(request, booking, token)
    slot_id, sequence = slot_of(request), request.POST.get("sequence", "")
    if slot_id is None or not NUMBER.fullmatch(sequence):
        return _choose(request, booking, token, _(NOTHING_CHOSEN))
    try:
        services.change(booking_id=booking.pk, slot_id=slot_id, sequence=int(sequence))
    except Refused as refused:
        return _choose(request, _booking_or_404(token), token, refused.message, slot_id)
    response = redirect("reservation", token=token)
    response["Location"] += "?done=changed"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    booking = _booking_or_404(token)
    if problem := _may_not(booking, "cancel"):
        return _page(request, booking, token, problem=problem)
    if request.method != "POST":
        return TemplateResponse(request, "reservations/cancel.html", _context(booking, token))
    try:
        services.cancel(booking_id=booking.pk)
    except Refused as refused:  # the deadline passed in this moment
        return _page(request, booking, token, problem=refused.message)
    return redirect("reservation", token=token)


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponse:
    """The file for a calendar, also of a reservation that is cancelled: then it takes the entry away."""
    booking = _booking_or_404(token)
    if booking.state != State.CANCELLED and not is_sure(booking):
        raise Http404
    content = calendar_file(booking, method="CANCEL" if booking.state == State.CANCELLED else "PUBLISH")
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="yoyaku.ics"', "X-Content-Type-Options": "nosniff"},
    )


def _booking_or_404(token: str) -> Booking:
    """The reservation that counts now, else the last one that the application had."""
    application = application_of(token)
    if application is None:
        raise Http404
    booking = latest_booking(application)
    if booking is None:
        raise Http404
    return booking


def latest_booking(application: Application) -> Booking | None:
    """Of an application has at most one active booking, and it is the newest."""
    mine = Booking.objects.filter(application=application).select_related("slot__calendar__department", "slot__venue")
    booking = mine.order_by("pk").last()
    if booking is not None:
        booking.application = application
    return booking


def _may_not(booking: Booking, what: str) -> str:
    """Why a reservation cannot be changed or cancelled here, "" when it can."""
    if booking.state == State.HOLD:
        return _(NOT_YET)
    if booking.state != State.CONFIRMED:
        return _("この予約は、いまは有効ではありません。")
    check = check_changeable if what == "change" else check_cancellable
    try:
        check(booking.slot, timezone.now())
    except TooLate as late:
        return late.message
    return ""


def _page(request: HttpRequest, booking: Booking, token: str, *, message: str = "", problem: str = "") -> HttpResponse:
    context = {**_context(booking, token), "message": message, "problem": problem}
    return TemplateResponse(request, "reservations/booking.html", context, status=409 if problem else 200)


def _choose(
    request: HttpRequest, booking: Booking, token: str, problem: str = "", refused_slot: int | None = None
) -> HttpResponse:
    if lost := _may_not(booking, "change"):  # cancelled by somebody else since
        return _page(request, booking, token, problem=problem or lost)
    calendar = booking.slot.calendar
    context = {
        **_context(booking, token),
        **picking_context(request, calendar, party_of(booking), booking, refused_slot),
        "problem": problem,
    }
    return TemplateResponse(request, "reservations/change.html", context, status=409 if problem else 200)


def _context(booking: Booking, token: str) -> dict[str, object]:
    slot, calendar, now = booking.slot, booking.slot.calendar, timezone.now()
    change_until = calendar.change_deadline.before(slot.starts_at)
    cancel_until = calendar.cancel_deadline.before(slot.starts_at)
    return {
        "token": token,
        "booking": booking,
        "application": booking.application,
        "title": booking.application.version.spoken.definition.title,
        "code": booking.application.form.code,
        "department": calendar.department,
        "wishes": wishes_of(calendar, party_of(booking)),
        "is_confirmed": booking.state == State.CONFIRMED,
        "is_pending": booking.state == State.HOLD,
        "is_cancelled": booking.state == State.CANCELLED,
        "is_over": slot.ends_at <= now,
        "change_until": clock(change_until),
        "cancel_until": clock(cancel_until),
        "may_change": not _may_not(booking, "change"),
        "may_cancel": not _may_not(booking, "cancel"),
    }
