"""Files of a batch: for the bank, the accounts, the back office, and the results. Each taking is recorded."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from applications.models import ExportRecord, FileFormat
from applications.sheets import csv_file
from payouts import lifecycle, results
from payouts.desk.access import MAY_MAKE, MAY_TAKE
from payouts.desk.forms import ResultsForm
from payouts.desk.views import ActOnBatchView, BatchPage, actor_of
from payouts.lifecycle import NotPossible
from payouts.models import Row
from payouts.results import HEADINGS, Unreadable
from payouts.status import PAYABLE, RowState

FORM_CODE = "payouts"
ACCOUNTS = ("番号", "受付番号", "申請者", "金額", "金融機関", "支店", "種別", "口座番号", "名義", "振込指定日")
APART = ("番号", "受付番号", "申請者", "金額")
KINDS = {"1": "普通", "2": "当座", "4": "貯蓄", "9": "その他"}


class TakeView(BatchPage):
    """POST hands out the file for the bank."""

    roles = MAY_TAKE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            content = lifecycle.take(self.batch.pk, actor=actor_of(request))
        except NotPossible as problem:
            messages.error(request, str(problem))
            return redirect(self.address)
        return download(content, f"sofuri_{self.batch.pay_on:%Y%m%d}_{self.batch.pk}.txt", "text/plain")


class ListView(BatchPage):
    """POST hands out one of the lists as CSV."""

    roles = MAY_MAKE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        headings, cells, name = {
            "accounts": (ACCOUNTS, self._accounts, "振込一覧"),
            "apart": (APART, self._apart, "公金受取口座一覧"),
            "results": (HEADINGS, self._results, "結果の記入用"),
        }[kwargs["what"]]
        found = list(cells())
        ExportRecord.objects.create(
            user=actor_of(request),
            department=self.batch.department,
            form_code=FORM_CODE,
            form_title=f"{name}　{self.batch.name}"[:255],
            format=FileFormat.CSV,
            rows=len(found),
        )
        content = b"".join(csv_file.csv_pieces(headings, found))
        return download(content, f"{name}_{self.batch.pay_on:%Y%m%d}_{self.batch.pk}.csv", csv_file.CONTENT_TYPE)

    def _rows(self, states: Iterable[RowState]) -> Iterator[Row]:
        rows = self.batch.rows.filter(state__in=list(states)).select_related("application")
        return rows.order_by("number").iterator(chunk_size=1000)

    def _accounts(self) -> Iterator[list[str]]:
        for row in self._rows((RowState.LISTED, RowState.PAID, RowState.BOUNCED)):
            account = lifecycle.account_of(row)
            if account is not None:
                where = [account.bank_code, account.branch_code, KINDS[account.kind], account.number, account.holder]
                yield [*_who(row), *where, self.batch.pay_on.isoformat()]

    def _apart(self) -> Iterator[list[str]]:
        return ([*_who(row)] for row in self._rows((RowState.APART, RowState.PAID)) if not row.account)

    def _results(self) -> Iterator[list[str]]:
        for row in self._rows((*PAYABLE, RowState.PAID, RowState.BOUNCED)):
            is_known = row.state in (RowState.PAID, RowState.BOUNCED)
            yield [row.application.reference or "", row.get_state_display() if is_known else "", row.reason]


def _who(row: Row) -> list[str]:
    return [str(row.number), row.application.reference or "", row.application.applicant, str(row.amount)]


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class ResultsView(ActOnBatchView):
    """A file is looked at first; what it would change comes back with the yes."""

    roles = MAY_MAKE
    title = "振込の結果を入れる"
    template_name = "payouts/results.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "lines" in request.POST or "all" in request.POST:
            return self._apply(request)
        form = ResultsForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form)
        try:
            lines = results.read(form.cleaned_data["file"].read())
        except Unreadable as problem:
            form.add_error("file", str(problem))
            return self._show(form)
        return self._show(form, lines)

    def _show(self, form: ResultsForm, lines: list[tuple[int, dict[str, str]]] | None = None) -> HttpResponse:
        context = self.get_context_data(form=form)
        if lines is not None:
            changes, problems = results.look(self.batch, lines)
            chosen = [[line, *(cells[name] for name in HEADINGS)] for line, cells in lines if cells[HEADINGS[1]]]
            context |= {"changes": changes, "problems": problems, "lines": chosen, "is_looked_at": True}
        is_wrong = bool(form.errors or context.get("problems"))
        return self.render_to_response(context, status=400 if is_wrong else 200)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        try:
            lines = self._everybody() if "all" in request.POST else _lines(request.POST.getlist("lines"))
            count = results.apply(self.batch.pk, lines, actor=actor_of(request))
        except NotPossible as problem:
            messages.error(request, str(problem))
            return redirect("payouts:results", self.batch.number)
        messages.success(request, f"{count:,}件の結果を記録しました。申請には、まもなく反映されます。")
        return redirect(self.address)

    def _everybody(self) -> list[tuple[int, dict[str, str]]]:
        rows = self.batch.rows.filter(state__in=PAYABLE).select_related("application").order_by("number")
        return [
            (row.number, {"受付番号": row.application.reference or "", "結果": "振込済", "理由": ""}) for row in rows
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", ResultsForm())
        open_ones = self.batch.rows.filter(state__in=PAYABLE).count()
        return super().get_context_data(**kwargs) | {"open_ones": open_ones}


def _lines(sent: list[str]) -> list[tuple[int, dict[str, str]]]:
    """As `_show` wrote them into the page: line, 受付番号, 結果, 理由, with tabs between."""
    made = []
    for text in sent:
        line, *cells = text.split("\t")
        if not line.isascii() or not line.isdecimal() or len(cells) != len(HEADINGS):
            raise NotPossible("画面の内容が壊れています。CSVをもう一度送ってください。")
        made.append((int(line), dict(zip(HEADINGS, cells, strict=True))))
    return made
