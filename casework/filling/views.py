"""結果をファイルで入れる: the file to fill in, the file that comes back, what it would do, and the yes."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from applications.desk import ForRoles
from applications.filters import DeskFilterSet, in_words
from applications.listing import Filters, filtered, visible_to
from applications.models import Application, ExportRecord, FileFormat
from applications.sheets import csv_file, excel_file
from applications.sheets.csv_file import Encoding
from applications.sheets.reading import MOST_ROWS, Unreadable
from casework.access import MAY_DECIDE
from casework.filling.forms import FORMATS, ConfirmForm, UploadForm
from casework.filling.services import NotWhole, confirm, keep, looked_at
from casework.filling.sheet import HEADINGS, read, rows_of
from casework.finding import TITLE
from casework.models import FilledTable, TableState
from staff.models import User

SHOWN = 200  # changes and problems on the page
PAGE_TITLE = "結果をファイルで入れる"
NOT_WHOLE = "確かめている間に申請が変わったため、何も記録していません。下の内容を確かめてください。"


class FillingPage(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """Whoever may decide for some department."""

    roles: ClassVar = MAY_DECIDE
    header_icon = "upload"
    page_title = PAGE_TITLE
    http_method_names = ["get", "head", "post"]

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)  # nobody else has a role
        return self.request.user

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": reverse("casework:list"), "label": TITLE}]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.page_title}]


class FillingView(FillingPage):
    """GET: both ways; POST with `format` hands out the cases that the filters show, POST with a file reads it."""

    template_name = "casework/filling.html"

    @cached_property
    def filters(self) -> Filters | None:
        return DeskFilterSet(data=self.request.GET, request=self.request).chosen

    def cases(self) -> QuerySet[Application]:
        """What may be decided of what the list shows."""
        if self.filters is None:
            return Application.objects.none()
        return filtered(visible_to(self.request.user, MAY_DECIDE), self.filters)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "format" in request.POST:
            return self._hand_out(request.POST["format"])
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                file = form.cleaned_data["file"]
                table = keep(self.user, file.name, read(file.read()))
            except Unreadable as problem:
                form.add_error("file", problem.message)
            else:
                return redirect("casework:filled", table.public_id)
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def _hand_out(self, format_: str) -> HttpResponseBase:
        cases = self.cases()
        count = cases.count()
        if format_ not in FORMATS or not 0 < count <= MOST_ROWS:
            return self.render_to_response(self.get_context_data(), status=400)
        rows, is_excel = rows_of(cases), format_ == "xlsx"
        self._record(cases, FileFormat.EXCEL if is_excel else FileFormat.CSV)
        if is_excel:
            pieces = excel_file.excel_pieces([excel_file.Sheet("結果の記入用", HEADINGS, rows, count)])
        else:
            pieces = csv_file.csv_pieces(
                HEADINGS, rows, Encoding.CP932 if format_ == "csv_cp932" else Encoding.UTF8_BOM
            )
        type_ = excel_file.CONTENT_TYPE if is_excel else csv_file.CONTENT_TYPE
        response = StreamingHttpResponse(pieces, content_type=type_)
        name = f"結果の記入用_{timezone.localdate():%Y%m%d}.{'xlsx' if is_excel else 'csv'}"
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["Cache-Control"] = "private, no-store"
        return response

    def _record(self, cases: QuerySet[Application], format_: FileFormat) -> None:
        """Names go out with it, as with any export."""
        assert self.filters is not None
        words = [list(pair) for pair in in_words(self.filters)]
        for department, count in _by_department(cases):
            ExportRecord.objects.create(
                user=self.user,
                department_id=department,
                form_code="results",
                form_title="結果の記入用",
                format=format_,
                rows=count,
                filters=words,
            )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        count = self.cases().order_by()[: MOST_ROWS + 1].count()
        return (
            {"form": UploadForm()}
            | context
            | {
                "count": count,
                "is_too_many": count > MOST_ROWS,
                "most": MOST_ROWS,
                "formats": FORMATS.items(),
                "words": in_words(self.filters) if self.filters else [],
                "tables": FilledTable.objects.filter(user=self.user)[:10],
            }
        )


def _by_department(cases: QuerySet[Application]) -> Iterable[tuple[int, int]]:
    return cases.order_by("department").values_list("department").annotate(Count("pk"))


class FilledView(FillingPage):
    """GET: what the file would do, as things are now; POST does it, or throws it away."""

    template_name = "casework/filled.html"

    @cached_property
    def table(self) -> FilledTable:
        table = FilledTable.objects.filter(user=self.user, public_id=self.kwargs["public_id"]).first()
        if table is None:
            raise Http404
        return table

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        if "forget" in request.POST:
            FilledTable.objects.filter(pk=self.table.pk, state=TableState.LOOKED_AT).delete()
            return redirect("casework:filling")
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(confirm_form=form), status=400)
        try:
            confirm(self.table, instruction=form.cleaned_data["instruction"])
        except NotWhole:
            messages.error(request, NOT_WHOLE)
        return redirect("casework:filled", public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        table = self.table
        context |= {"table": table, "back": reverse("casework:filling")}
        if table.state != TableState.LOOKED_AT:
            return context
        found = looked_at(table)
        shown = {"changes": found.changes[:SHOWN], "problems": found.problems[:SHOWN]}
        return {"confirm_form": ConfirmForm()} | context | {"look": found, "most": SHOWN, **shown}
