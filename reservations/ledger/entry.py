"""電話予約・窓口予約: the form with the slot already chosen, one page, one button."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import View
from wagtail.admin.auth import permission_denied

from applications import proxy
from applications.models import Application, Channel
from applications.proxy_page import proxy_context
from applications.services import NotEditable
from cms.access import has_role
from formbuilder.models import FormVersion
from reservations.asking import Unclear, asked
from reservations.availability import choices, nearest
from reservations.ledger.access import MAY_WRITE, forms_for, slot_or_404
from reservations.ledger.day import is_waited_for
from reservations.ledger.entering import enter, wait
from reservations.ledger.views import actor_of, number_in
from reservations.models import BY_DESK, Booking, Slot, Wait, WaitingEntry
from reservations.refusals import Full, Refused, SlotGone
from reservations.waiting.entries import position

BOOKED = "予約しました。"
WAITS = "キャンセル待ちに登録しました（{}番目）。順番が来たら、ここに「電話で案内」と出ます。"
ON_OFFER = "キャンセル待ちに登録し、空きがあったので席を確保しました。本人の返事を聞いて、予約してください。"
ENDED = "この入力は、すでに終わっています。台帳を確かめて、必要ならもう一度入力してください。"


class EntryView(View):
    """GET shows the form; POST books at once, or shows what was typed and what is wrong with it."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not has_role(request.user, MAY_WRITE):
            return permission_denied(request)
        self.slot = slot_or_404(request, kwargs["slot"])
        self.forms = list(forms_for(self.slot.calendar))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, slot: int) -> HttpResponse:
        version = self._version(request.GET.get("form", ""))
        if version is None:
            return self._choose(request)
        ticket = proxy.new_ticket(version, actor_of(request))
        return self._show(request, version, ticket)

    def post(self, request: HttpRequest, slot: int) -> HttpResponse:
        version, actor, ticket = self._posted_version(), actor_of(request), request.POST.get("ticket", "")
        if version is None:
            return self._choose(request)
        try:
            entry = proxy.receive(request, version=version, channel=self._channel(), ticket=ticket, actor=actor)
        except NotEditable:  # sent before: the second tap of a double tap
            return self._done(request, proxy.declared(ticket, version, actor))
        ticket = proxy.ticket_of(entry.application, actor)
        action = request.POST.get("action")
        if action not in ("submit", "wait"):
            return self._show(request, version, ticket, entry, tell=False)
        if not entry.is_complete:
            return self._show(request, version, ticket, entry, status=422)
        try:
            return self._act(request, entry.application, is_wait=action == "wait")
        except Refused as refused:
            return self._show(request, version, ticket, entry, refused=refused, status=409)

    def _act(self, request: HttpRequest, application: Application, *, is_wait: bool) -> HttpResponse:
        """Raises Refused."""
        actor = actor_of(request)
        if is_wait:  # for the slot above the form, whichever free one beside it is marked
            return self._waits(request, wait(application, slot_id=self.slot.pk, actor=actor))
        return self._booked(request, enter(application, slot_id=self._chosen(), actor=actor))

    # --- what the page says

    def _version(self, text: str) -> FormVersion | None:
        """The form that was asked for; without a word, the only one there is."""
        if text:
            return next((form for form in self.forms if str(form.pk) == text), None)
        return self.forms[0] if len(self.forms) == 1 else None

    def _posted_version(self) -> FormVersion | None:
        """The version that the page showed, though a newer one may have been published meanwhile."""
        pk = number_in(self.request.POST.get("version", "")) or 0
        mine = {form.form_id for form in self.forms}
        shown = FormVersion.objects.filter(pk=pk, form__in=mine).select_related("form").defer("document")
        return shown.first()

    def _channel(self) -> Channel:
        wanted = self.request.POST.get("channel") or self.request.GET.get("channel")
        return next((channel for channel in BY_DESK if channel == wanted), Channel.PHONE)

    def _chosen(self) -> int:
        return number_in(self.request.POST.get("slot", "")) or self.slot.pk

    # --- answers

    def _choose(self, request: HttpRequest) -> HttpResponse:
        here, channel = reverse("ledger:entry", args=(self.slot.pk,)), self._channel()
        links = [(form, f"{here}?channel={channel.value}&form={form.pk}") for form in self.forms]
        context = {"slot": self.slot, "links": links, "day_url": self._day_url()}
        return render(request, "reservations/ledger/choose_form.html", context)

    def _show(
        self,
        request: HttpRequest,
        version: FormVersion,
        ticket: str,
        entry: proxy.Entry | None = None,
        *,
        refused: Refused | None = None,
        tell: bool = True,
        status: int = 200,
    ) -> HttpResponse:
        context = proxy_context(version, ticket=ticket, entry=entry, tell=tell) | {
            "problems": [refused.message] if refused else [],
            "nearest": self._nearest(entry, refused),
            "channels": [(channel, channel == self._channel()) for channel in BY_DESK],
            "day_url": self._day_url(),
            **self._place(refused),
        }
        return render(request, "reservations/ledger/entry.html", context, status=status)

    def _place(self, refused: Refused | None) -> dict[str, Any]:
        """The slot that is chosen now, the places that staff can still take in it, and whether one may wait for it."""
        there = choices(calendar=self.slot.calendar, first=self.slot.day, last=self.slot.day, staff=True)
        mine = next((choice for choice in there if choice.slot.pk == self.slot.pk), None)
        may_wait = mine is not None and is_waited_for(
            replace(mine, left=0) if isinstance(refused, Full) else mine, self.slot.calendar
        )
        return {"slot": self.slot, "left": mine.left if mine else 0, "chosen": self._chosen(), "may_wait": may_wait}

    def _nearest(self, entry: proxy.Entry | None, refused: Refused | None) -> list[Any]:
        """Where the same party finds its places, when it does not here."""
        if entry is None or not isinstance(refused, Full | SlotGone):
            return []
        try:
            party = asked(entry.application).party
        except Unclear:
            return []
        wanted = Slot.objects.filter(pk=self._chosen(), calendar=self.slot.calendar).select_related("calendar")
        return nearest(slot=wanted.first() or self.slot, party=party, staff=True)

    def _day_url(self) -> str:
        return f"{reverse('ledger:day', args=(self.slot.calendar.code,))}?day={self.slot.day.isoformat()}"

    def _done(self, request: HttpRequest, application: Application | None) -> HttpResponse:
        """What the page became when it was sent before."""
        booking = Booking.objects.filter(application=application).order_by("pk").last() if application else None
        if booking is None:
            messages.error(request, ENDED)
            return redirect(self._day_url())
        return self._booked(request, booking)

    def _waits(self, request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
        told = ON_OFFER if entry.state == Wait.OFFERED else WAITS.format(position(entry))
        messages.success(request, told)
        return redirect(f"{reverse('waiting_desk:list')}?reception={self.slot.calendar.code}")

    def _booked(self, request: HttpRequest, booking: Booking) -> HttpResponse:
        reference = Application.objects.values_list("reference", flat=True).get(pk=booking.application_id)
        messages.success(request, f"{BOOKED}受付番号は {reference} です。" if reference else BOOKED)
        return redirect("ledger:booking", pk=booking.pk)
