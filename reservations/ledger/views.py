"""予約台帳: the day, one booking, and what staff do to it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from applications.desk import ForRoles
from cms.access import departments_for
from reservations import services
from reservations.availability import choices, nearest
from reservations.ledger.access import (
    MAY_READ,
    MAY_WRITE,
    booking_or_404,
    case_departments,
    receptions,
)
from reservations.ledger.acting import WithReason
from reservations.ledger.attending import mark
from reservations.ledger.day import day_of, neighbours, row_of, usual_day, with_people
from reservations.ledger.waiters import calls_of
from reservations.models import Booking, Calendar, Presence
from reservations.placing import party_of
from reservations.refusals import Full, Refused, SlotGone
from staff.models import User

TITLE = "予約台帳"
ICON = "date"
UNREADABLE_DAY = "日付を読み取れませんでした。「2027-06-07」のように入力してください。"
FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)


def day_in(text: str) -> date | None:
    """The day that was typed; None for what is no day of the calendar."""
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # nobody else has a role
    return request.user


def number_in(text: str) -> int | None:
    """A primary key as a page sent it; the databases know none that is longer."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


class LedgerView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """A page of the ledger."""

    roles = MAY_READ

    page_title = TITLE
    header_icon = ICON
    http_method_names = ["get", "head"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": url, "label": label} for label, url in self.above()]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]

    def above(self) -> list[tuple[str, str]]:
        return []


class StartView(LedgerView):
    """To the reception's usual day; when there is no reception, what to do about it."""

    template_name = "reservations/ledger/none.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        calendar = receptions(request.user).first()
        if calendar is not None:
            return redirect("ledger:day", code=calendar.code)
        return super().get(request, *args, **kwargs)


class DayView(LedgerView):
    """One day of a reception, by venue and slot."""

    template_name = "reservations/ledger/day.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.receptions = list(receptions(request.user))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        calendar = next((each for each in self.receptions if each.code == kwargs["code"]), None)
        if calendar is None:
            raise Http404
        if (wanted := request.GET.get("reception", calendar.code)) != calendar.code:
            if wanted not in {each.code for each in self.receptions}:
                raise Http404
            return redirect("ledger:day", code=wanted)
        self.calendar: Calendar = calendar
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return TITLE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        typed = self.request.GET.get("day", "")
        asked = day_in(typed)
        day = asked or usual_day(self.calendar)
        before, after = neighbours(self.calendar, day)
        mine = departments_for(self.request.user, MAY_WRITE).values_list("pk", flat=True)
        return context | {
            "receptions": self.receptions,
            "calendar": self.calendar,
            "calls": calls_of(self.request.user),
            "the_day": day_of(self.calendar, day, case_departments(self.request.user)),
            "before": before,
            "after": after,
            "problem": UNREADABLE_DAY if typed.strip() and asked is None else "",
            "may_write": self.calendar.department_id in mine,
            "presences": Presence,
        }


class BookingView(LedgerView):
    """One booking: its people, their marks, and what can be done about it."""

    template_name = "reservations/ledger/booking.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.booking = self._booking(request, kwargs["pk"])
        self.calendar = self.booking.slot.calendar

    def _booking(self, request: HttpRequest, pk: int) -> Booking:
        return booking_or_404(request, pk)

    def get_page_title(self) -> str:
        return "予約の内容"

    def above(self) -> list[tuple[str, str]]:
        day = reverse("ledger:day", args=(self.calendar.code,))
        above = [(f"{TITLE} {self.calendar}", f"{day}?day={self.booking.slot.day.isoformat()}")]
        if type(self) is not BookingView:
            above.append(("予約の内容", reverse("ledger:booking", args=(self.booking.pk,))))
        return above

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        booking = with_people(Booking.objects.filter(pk=self.booking.pk)).get()
        mine = departments_for(self.request.user, MAY_WRITE).values_list("pk", flat=True)
        return context | {
            "booking": self.booking,
            "row": row_of(booking, tuple(self.calendar.items.all()), case_departments(self.request.user)),
            "calendar": self.calendar,
            "may_write": self.calendar.department_id in mine,
            "presences": Presence,
        }


class ActOnBookingView(WithReason, BookingView):
    """Something that only officers may do, with a reason."""

    def _booking(self, request: HttpRequest, pk: int) -> Booking:
        return booking_or_404(request, pk, MAY_WRITE)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.booking.is_active:
            messages.error(request, "この予約は、すでに終わっています。")
            return redirect("ledger:booking", pk=self.booking.pk)
        return super().get(request, *args, **kwargs)

    def afterwards(self) -> str:
        return reverse("ledger:booking", args=(self.booking.pk,))


class CancelView(ActOnBookingView):
    template_name = "reservations/ledger/cancel.html"
    done = "予約を取り消しました。メールアドレスがある方には、取消をお知らせします。"

    def get_page_title(self) -> str:
        return "予約の取消"

    def act(self, reason: str) -> None:
        services.staff_cancel(booking_id=self.booking.pk, actor=actor_of(self.request), reason=reason)


class ChangeView(ActOnBookingView):
    """To another slot, of the day in the address."""

    template_name = "reservations/ledger/change.html"
    done = "予約の日時を変更しました。メールアドレスがある方には、変更をお知らせします。"

    def get_page_title(self) -> str:
        return "予約の変更"

    def act(self, reason: str) -> None:
        slot, sequence = (number_in(self.request.POST.get(name, "")) for name in ("slot", "sequence"))
        if slot is None:
            raise Refused("新しい日時を選んでください。")
        services.staff_change(
            booking_id=self.booking.pk, slot_id=slot, actor=actor_of(self.request), reason=reason, sequence=sequence
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused = kwargs.pop("refused", None)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        day = day_in(self.request.GET.get("day", "")) or self.booking.slot.day
        party, before_after = party_of(self.booking), neighbours(self.calendar, day)
        there = choices(calendar=self.calendar, first=day, last=day, staff=True, mine=self.booking)
        near = isinstance(refused, Full | SlotGone)
        return context | {
            "the_day": day,
            "before": before_after[0],
            "after": before_after[1],
            "choices": [(choice, choice.fits(party)) for choice in there],
            "chosen": number_in(self.request.POST.get("slot", "")),
            "nearest": nearest(slot=self.booking.slot, party=party, staff=True, mine=self.booking) if near else [],
        }


class MarkView(View):
    """POST `mark`: "attendee:item:presence"; item and presence may be empty. Back to where the button was."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        booking = booking_or_404(request, pk, MAY_WRITE)
        attendee, item, presence = [*request.POST.get("mark", "").split(":"), "", "", ""][:3]
        person, what = number_in(attendee), number_in(item)
        if person is None or (item and what is None) or presence not in ("", *Presence.values):
            raise Http404
        try:
            mark(
                booking_id=booking.pk,
                attendee_id=person,
                item_id=what,
                presence=Presence(presence) if presence else None,
                actor=actor_of(request),
            )
        except Refused as refused:
            messages.error(request, refused.message)
        if request.POST.get("back") == "day":
            day = reverse("ledger:day", args=(booking.slot.calendar.code,))
            return redirect(f"{day}?day={booking.slot.day.isoformat()}#a{person}")
        return redirect("ledger:booking", pk=pk)
