"""抽選 as staff see it: set up, opened, drawn, and what came of it. Only for officers of the department."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import View
from wagtail.log_actions import log

from applications.models import ExportRecord, FileFormat
from applications.sheets import csv_file
from applications.status import EDITABLE
from reservations.ledger.access import MAY_READ, MAY_WRITE, receptions
from reservations.ledger.views import LedgerView, actor_of
from reservations.lottery.draw import draw, open_lottery, remove_lottery
from reservations.lottery.entering import slots_of
from reservations.models import Lottery, LotteryEntry, LotteryState, Result
from reservations.party import places_of
from reservations.refusals import Refused
from reservations.setup.fields import CountField, DayField, MomentField
from reservations.waiting.desk import DeskListView

TITLE = "抽選"
ICON = "draft"
SURE = "抽選は一度だけで、やり直せません。確かめてから、チェックを入れて押してください。"
COLUMNS = ("抽選の順番", "抽選番号", "氏名", "人数・点数", "受付番号", "結果", "補欠", "希望")


class LotteryForm(forms.ModelForm[Lottery]):
    first_day, last_day = DayField(label="対象の初日"), DayField(label="対象の最終日")
    opens_at, closes_at = MomentField(label="申込みの開始"), MomentField(label="申込みの締切")
    draws_at = MomentField(
        label="自動で抽選する日時", required=False, help_text="空欄なら、締切のあとに職員が抽選します。"
    )
    wishes = CountField(label="希望の数", least=1, most=10, initial=3, help_text="第何希望まで選べるか")
    reserves = CountField(label="補欠の数", required=False, help_text="空欄なら、全員を補欠にします。")

    class Meta:
        model = Lottery
        fields: ClassVar = [
            *("name", "first_day", "last_day", "opens_at", "closes_at", "draws_at", "wishes", "reserves"),
        ]


class LotteriesView(DeskListView):
    template_name = "reservations/desk/lotteries.html"
    page_title = TITLE
    header_icon = ICON

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lotteries = Lottery.objects.filter(calendar=self.calendar).annotate(count=Count("entries"))
        return super().get_context_data(**kwargs) | {"lotteries": lotteries}


class LotteryEditView(LedgerView):
    """A new one, or one that is not open yet: later its rules stay as they were told."""

    template_name = "reservations/desk/lottery_edit.html"
    header_icon = ICON
    http_method_names = ["get", "head", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = receptions(request.user, MAY_WRITE)
        if "pk" in kwargs:
            prepared = Lottery.objects.filter(calendar__in=mine.order_by(), state=LotteryState.PREPARED)
            self.lottery = get_object_or_404(prepared.select_related("calendar"), pk=kwargs["pk"])
        else:
            self.lottery = Lottery(calendar=get_object_or_404(mine, code=kwargs["code"]))

    def get_page_title(self) -> str:
        return "抽選の設定" if self.lottery.pk else "抽選を追加"

    def above(self) -> list[tuple[str, str]]:
        return [(f"{TITLE} {self.lottery.calendar}", _list_url(self.lottery))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shown = {"calendar": self.lottery.calendar, "back": _list_url(self.lottery)}
        return {"form": LotteryForm(instance=self.lottery), **context, **shown}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_new = self.lottery.pk is None
        form = LotteryForm(request.POST, instance=self.lottery)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        lottery = form.save()
        log(instance=lottery, action="wagtail.create" if is_new else "wagtail.edit", user=actor_of(request))
        messages.success(request, "保存しました。申込みは「受付を始める」を押してから、期間になると始まります。")
        return redirect("lottery_desk:lottery", pk=lottery.pk)


class LotteryView(LedgerView):
    """One lottery. POST `action`: open, delete as long as it is not open, or draw with `sure`."""

    template_name = "reservations/desk/lottery.html"
    header_icon = ICON
    http_method_names = ["get", "head", "post"]
    problem = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        roles = MAY_WRITE if request.method == "POST" else MAY_READ
        self.lottery = lottery_or_404(request, kwargs["pk"], roles)

    def get_page_title(self) -> str:
        return self.lottery.name

    def above(self) -> list[tuple[str, str]]:
        return [(f"{TITLE} {self.lottery.calendar}", _list_url(self.lottery))]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        action, actor = request.POST.get("action", ""), actor_of(request)
        try:
            if action == "open":
                open_lottery(lottery_id=self.lottery.pk, actor=actor)
                messages.success(request, "受付を始めました。対象の枠は、これから抽選で決まります。")
            elif action == "delete":
                remove_lottery(lottery_id=self.lottery.pk, actor=actor)
                messages.success(request, "抽選を削除しました。")
                return redirect(_list_url(self.lottery))
            elif request.POST.get("sure") != "yes":
                raise Refused(SURE)
            else:
                draw(lottery_id=self.lottery.pk, actor=actor)
                messages.success(request, "抽選しました。結果は、順にメールで知らせます。")
        except Refused as refused:
            self.problem = refused.message
            return self.render_to_response(self.get_context_data(), status=409)
        return redirect("lottery_desk:lottery", pk=self.lottery.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lottery, now = self.lottery, timezone.now()
        entries = lottery.entries.exclude(result=Result.WITHDRAWN).select_related("application")
        undeclared = entries.filter(application__status__in=EDITABLE)
        by_result = dict(entries.order_by().values_list("result").annotate(Count("pk")))
        return context | {
            "lottery": lottery,
            "calendar": lottery.calendar,
            "problem": self.problem,
            "may_write": receptions(self.request.user, MAY_WRITE).filter(pk=lottery.calendar_id).exists(),
            "count": entries.count(),
            "undeclared": undeclared.count(),
            "slots": lottery.slots.count(),
            "is_closed": now >= lottery.closes_at,
            "entries": [_row(entry) for entry in _in_turn(lottery)] if lottery.is_drawn else [],
            "counts": [(result.label, by_result[result]) for result in Result if result in by_result],
            "sure": SURE,
        }


class ResultsView(View):
    """POST: the results as a CSV file, recorded beside the exports of applications."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        lottery = lottery_or_404(request, pk, MAY_WRITE)
        lines = list(_lines(lottery))
        ExportRecord.objects.create(  # before the first byte goes out
            export=uuid.uuid4(),
            user=actor_of(request),
            department=lottery.calendar.department,
            form_code=lottery.calendar.code,
            form_title=f"抽選結果　{lottery}",
            format=FileFormat.CSV,
            rows=len(lines),
            filters=[],
        )
        content = b"".join(csv_file.csv_pieces(COLUMNS, lines))
        response = HttpResponse(content, content_type=csv_file.CONTENT_TYPE)
        response["Content-Disposition"] = content_disposition_header(True, f"抽選結果_{lottery.name}.csv")
        response["Cache-Control"] = "private, no-store"
        return response


def lottery_or_404(request: HttpRequest, pk: int, roles: Any) -> Lottery:
    mine = Lottery.objects.filter(calendar__in=receptions(request.user, roles).order_by())
    return get_object_or_404(mine.select_related("calendar__department", "drawn_by"), pk=pk)


def _list_url(lottery: Lottery) -> str:
    return f"{reverse('lottery_desk:list')}?reception={lottery.calendar.code}"


def _in_turn(lottery: Lottery) -> list[LotteryEntry]:
    entries = lottery.entries.exclude(result=Result.WITHDRAWN).select_related("application", "booking__slot__venue")
    return sorted(entries, key=lambda entry: (entry.place is None, entry.place, entry.number))


def _row(entry: LotteryEntry) -> dict[str, Any]:
    names = "、".join(person.name for person in entry.people if person.name)
    return {"entry": entry, "name": names or "（氏名なし）", "places": places_of(entry.people)}


def _lines(lottery: Lottery) -> Iterator[tuple[str, ...]]:
    for entry in _in_turn(lottery):
        row, wishes = _row(entry), "／".join(str(slot) for slot in slots_of(entry))
        place, reserve = (str(number) if number else "" for number in (entry.place, entry.reserve))
        number, reference = str(entry.number), entry.application.reference or ""
        result = entry.get_result_display()
        yield (place, number, row["name"], str(row["places"]), reference, result, reserve, wishes)
