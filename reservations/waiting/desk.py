"""キャンセル待ち as staff see it: who waits for what in which order; what they change has a reason."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from cms.access import departments_for
from reservations.ledger.access import MAY_READ, MAY_WRITE, case_departments, receptions
from reservations.ledger.acting import WithReason
from reservations.ledger.entering import take
from reservations.ledger.views import LedgerView, actor_of, day_in
from reservations.ledger.waiters import waiter
from reservations.models import ON_LIST, Calendar, Wait, WaitingEntry
from reservations.refusals import OfferGone
from reservations.waiting.calling import note_call
from reservations.waiting.entries import move_to_front, remove

TITLE = "キャンセル待ち"
ICON = "list-ol"
SHOWN_ENDED = 50
HEARD = "電話で伝えたことを記録しました。本人の返事を聞いたら「予約する」か「外す」を押してください。"
NOT_HEARD = "電話がつながらなかったことを記録しました。期限までに、もう一度かけてください。"


class DeskListView(LedgerView):
    """Below one reception of the reader's departments."""

    header_icon = ICON

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.receptions = list(receptions(request.user, MAY_READ))
        wanted = request.GET.get("reception", "")
        found = next((each for each in self.receptions if each.code == wanted), None)
        if wanted and found is None:
            raise Http404
        self.calendar: Calendar | None = found or self.likely()

    def likely(self) -> Calendar | None:
        """What is shown when nothing was asked for."""
        return next(iter(self.receptions), None)

    @property
    def may_write(self) -> bool:
        mine = departments_for(self.request.user, MAY_WRITE).values_list("pk", flat=True)
        return self.calendar is not None and self.calendar.department_id in mine

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "receptions": self.receptions,
            "calendar": self.calendar,
            "may_write": self.may_write,
        }


class WaitingListView(DeskListView):
    template_name = "reservations/desk/waiting.html"
    page_title = TITLE

    def likely(self) -> Calendar | None:
        listed = WaitingEntry.objects.filter(calendar__in=self.receptions, state__in=ON_LIST)
        waiting = set(listed.order_by().values_list("calendar", flat=True))
        return next((each for each in self.receptions if each.pk in waiting), None) or super().likely()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = WaitingEntry.objects.filter(calendar=self.calendar).select_related(
            "application__version", "slot__venue", "booking"
        )
        on_list = entries.filter(state__in=ON_LIST).order_by("slot__starts_at", "slot", "rank", "pk")
        ended = entries.exclude(state__in=ON_LIST).order_by("-ended_at", "-pk")[:SHOWN_ENDED]
        mine = case_departments(self.request.user)
        slots = [
            (slot, _numbered([waiter(entry, mine) for entry in group]))
            for slot, group in groupby(on_list, key=lambda entry: entry.slot)
        ]
        shown = {"slots": slots, "ended": [waiter(entry, mine) for entry in ended]}
        return super().get_context_data(**kwargs) | shown


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who has an offer stands in no queue any more."""
    number = 0
    for row in rows:
        if row["entry"].state == Wait.WAITING:
            number += 1
            row["number"] = number
    return rows


class ActOnEntryView(WithReason, LedgerView):
    """Something that only officers may do, with a reason."""

    template_name = "reservations/desk/act.html"
    header_icon = ICON
    told = button = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        entries = WaitingEntry.objects.filter(calendar__in=receptions(request.user, MAY_WRITE).order_by())
        entries = entries.select_related("application__version", "slot__venue", "calendar", "booking")
        self.entry = get_object_or_404(entries, pk=kwargs["pk"])

    @property
    def list_url(self) -> str:
        return f"{reverse('waiting_desk:list')}?reception={self.entry.calendar.code}"

    def above(self) -> list[tuple[str, str]]:
        return [(f"{TITLE} {self.entry.calendar}", self.list_url)]

    def afterwards(self) -> str:
        return self.list_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "row": waiter(self.entry),
            "told": self.told,
            "button": self.button,
            "back": self.list_url,
        }


class TakeView(ActOnEntryView):
    page_title = "電話で案内して予約する"
    told = (
        "本人が「予約する」と答えたら押してください。予約が確定し、申請を受け付けます。"
        "本人が断ったときは、戻って「外す」を押してください。次の人に案内します。"
    )
    button = "予約する"
    done = "予約しました。"
    needs_reason = False

    def act(self, reason: str) -> None:
        take(self.entry, actor=actor_of(self.request))


class MoveToFrontView(ActOnEntryView):
    page_title = "順番を先頭に変える"
    told = "この人を、次に案内する順番にします。ほかの人の順番は、一つずつ後ろになります。"
    button = "先頭に変える"
    done = "順番を先頭に変えました。"

    def act(self, reason: str) -> None:
        move_to_front(entry_id=self.entry.pk, actor=actor_of(self.request), reason=reason)


class RemoveView(ActOnEntryView):
    page_title = "キャンセル待ちから外す"
    told = "登録を取り消します。席を案内しているときは、その席を次の人に案内します。理由はメールで本人に知らせます。"
    button = "キャンセル待ちから外す"
    done = "キャンセル待ちから外しました。"

    def act(self, reason: str) -> None:
        remove(entry_id=self.entry.pk, actor=actor_of(self.request), reason=reason)


class CalledView(ActOnEntryView):
    """POST `reached` (yes, no): what came of a call. `day`: of the ledger that the button was on, else the list."""

    http_method_names = ["post"]
    CAME_OF_IT = {"yes": True, "no": False}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reached = self.CAME_OF_IT.get(request.POST.get("reached", ""))
        if reached is None:
            raise Http404
        try:
            note_call(entry_id=self.entry.pk, actor=actor_of(request), reached=reached)
            messages.success(request, HEARD if reached else NOT_HEARD)
        except OfferGone as gone:
            messages.error(request, gone.message)
        return redirect(self.afterwards())

    def afterwards(self) -> str:
        day = day_in(self.request.POST.get("day", ""))
        if day is None:
            return self.list_url
        return f"{reverse('ledger:day', args=(self.entry.calendar.code,))}?day={day.isoformat()}"
