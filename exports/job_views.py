"""出力ファイル: how far it is, the file when it is done, and all that one has asked for."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from exports.access import may_export, may_take
from exports.formats import Format
from exports.jobs import cancel, take
from exports.lists import Cell, ExportList
from exports.models import ExportJob, JobState

TITLE = "出力ファイル"
NO_MORE = (
    "このファイルは、もう受け取れません（1回だけの受け取りが済んだか、期限が過ぎました）。もう一度出力してください。"
)


class JobView(View):
    """One's own file; anybody else's does not exist."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_export(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def job(self) -> ExportJob:
        job = ExportJob.objects.filter(public_id=self.kwargs["public_id"], user_id=self.request.user.pk or 0).first()
        if job is None:
            raise Http404
        return job


class JobPage(JobView, WagtailAdminTemplateMixin, TemplateView):
    """POST stops it."""

    page_title = TITLE
    header_icon = "download"
    template_name = "exports/job.html"
    http_method_names = ["get", "head", "post"]

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        cancel(self.job)
        return redirect("exports:job", public_id)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("exports:jobs"), "label": TITLE}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.job.title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        job = self.job
        is_here = job.state == JobState.DONE and job.expires_at is not None and job.expires_at > timezone.now()
        may = is_here and may_take(self.request.user, job)
        left = not (job.once and job.downloads)
        return context | {"job": job, "may_take": may and left, "is_taken": may and not left, "is_here": is_here}


class JobStatus(JobView):
    """For the script of the page."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        job = self.job
        return JsonResponse(
            {"state": job.state, "over": job.is_over, "percent": job.percent, "done": job.done, "total": job.total}
        )


class JobFile(JobView):
    """POST: a link that is only looked at takes nothing away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        job = self.job
        if not may_take(request.user, job):
            raise PermissionDenied
        if not take(job):
            return render(request, "exports/no_more.html", {"message": NO_MORE}, status=410)
        return _download(job.file, job.file_name, Format(job.format))


class JobReport(JobView):
    """The characters that were replaced."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        job = self.job
        if not may_take(request.user, job):
            raise PermissionDenied
        if job.state != JobState.DONE or not job.report:
            raise Http404
        return _download(job.report, f"置き換えた文字_{job.file_name}", Format.CSV)


def _download(file: FieldFile, name: str, format_: Format) -> FileResponse:
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=format_.content_type)
    response["Cache-Control"] = "private, no-store"
    return response


class JobListView(ExportList):
    """Everything that the reader has asked for, newest first."""

    page_title = TITLE
    header_icon = "download"
    index_url_name = "exports:jobs"
    index_results_url_name = "exports:jobs_results"
    verbose_name_plural = TITLE
    columns = [
        TitleColumn("title", label="内容", get_url=lambda job: reverse("exports:job", args=[job.public_id])),
        Cell("format", label="形式", accessor="get_format_display"),
        Cell("state", label="状態", accessor="get_state_display"),
        Cell("created_at", label="依頼", accessor=lambda job: _moment(job.created_at)),
        Cell("expires_at", label="受け取れる期限", accessor=lambda job: _moment(job.expires_at)),
    ]

    def get_base_queryset(self) -> QuerySet[ExportJob]:
        return ExportJob.objects.filter(user=self.request.user)


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
