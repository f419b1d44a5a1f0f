"""The desk's list, a case, and its files. Whatever a member of staff may not see does not exist (404)."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import BaseButton

from applications import listing
from applications.desk import ForRoles, Searched
from applications.filters import DeskFilterSet
from applications.listing import MOST, Page, filtered, page_of, visible_to
from applications.models import Application, Attachment
from applications.views.files import file_response
from casework.access import sees_sensitive
from casework.actions.table import open_to
from casework.case import gate_facts, may_open, sections_of
from casework.columns import StatusColumn, moment, tone
from casework.corrections import corrections_of
from casework.finding import ICON, TITLE, visible_case_or_404
from casework.history import history_of
from casework.thread import thread_of
from cms.access import MAY_READ_MESSAGES, has_role
from dialogue.documents import open_document
from dialogue.models import CorrectionFile, LetterFile
from outreach.delivery import bounced_among, sent_to
from records.looks import note_look
from records.models import Seen
from staff.models import User

# An app above may add to the list's header: a function of the request that returns buttons
BUTTONS_HOOK = "register_case_list_buttons"
# and to a case's: a function of the request and the application
CASE_BUTTONS_HOOK = "register_case_buttons"


class CaseListView(ForRoles, Searched, BaseListingView):
    """The applications of the reader's departments, newest first. `after` and `before` page through them."""

    page_title = TITLE
    header_icon = ICON
    search_placeholder = "受付番号・氏名・電話など"
    template_name = "casework/list.html"
    results_template_name = "casework/list_results.html"
    index_url_name = "casework:list"
    index_results_url_name = "casework:list_results"
    filterset_class = DeskFilterSet
    verbose_name_plural = "申請"
    is_searchable = True
    page_kwarg = "after"
    default_ordering = "-received_at"
    columns = [
        TitleColumn(
            "reference",
            label="受付番号",
            get_url=lambda row: reverse("casework:case", args=(row.public_id,)),
            classname="casework-nowrap",
        ),
        Column("form_title", label="申請フォーム", classname="casework-cell--form"),
        Column("applicant", label="申請者", classname="casework-cell--applicant"),
        StatusColumn("status", label="状態", classname="casework-cell--status"),
        Column(
            "received",
            label="受付日時",
            accessor=moment,
            sort_key="received_at",
            classname="casework-nowrap casework-sort",
        ),
        Column("channel", label="受付方法", accessor="get_channel_display", classname="casework-cell--channel"),
    ]

    @cached_property
    def page(self) -> Page:
        chosen = self.filters.chosen
        if chosen is None:
            return Page([], 0, "", "")
        return page_of(
            filtered(visible_to(self.request.user), chosen),
            oldest_first=self.ordering == "received_at",
            after=self.request.GET.get("after", ""),
            before=self.request.GET.get("before", ""),
        )

    def get_queryset(self) -> list[Application]:
        bounced = bounced_among(self.page.rows)
        for row in self.page.rows:
            row.__dict__["has_bounced"] = row.pk in bounced  # for the column of the state
        return self.page.rows

    @cached_property
    def header_buttons(self) -> list[BaseButton]:
        return [button for make in hooks.get_hooks(BUTTONS_HOOK) for button in make(self.request)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        total = self.page.total
        context |= {
            "page_of_cases": self.page,
            "page_size": listing.PAGE,
            "total": f"{MOST:,}件以上" if total > MOST else f"{total:,}件",
            "filters_are_wrong": self.filters.chosen is None,
        }
        return context


class CaseView(WagtailAdminTemplateMixin, TemplateView):
    """Every answer, every file and the history of one application."""

    template_name = "casework/case.html"
    header_icon = ICON
    http_method_names = ["get", "head"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.case = visible_case_or_404(request, kwargs["public_id"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        note_look(request.user, self.case, Seen.CASE)
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return f"受付番号 {self.case.reference}"

    @cached_property
    def header_buttons(self) -> list[BaseButton]:
        return [button for make in hooks.get_hooks(CASE_BUTTONS_HOOK) for button in make(self.request, self.case)]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("casework:list"), "label": TITLE}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.case.reference}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.request.user
        show_sensitive = sees_sensitive(user, self.case.department)
        context |= {
            "case": self.case,
            "tone": tone(self.case),
            "form_title": self.case.version.engine.definition.title,
            "sections": sections_of(self.case, show_sensitive=show_sensitive),
            "is_masked": not show_sensitive,
            "gate_facts": gate_facts(self.case),
            "history": history_of(self.case),
            "corrections": corrections_of(self.case, show_sensitive=show_sensitive),
            "actions": open_to(self.request.user, self.case),
            "thread": thread_of(self.case, show_sensitive=show_sensitive),
            "documents": self.case.documents.all(),
            "may_open_documents": show_sensitive,
            "mails": sent_to(self.case) if has_role(user, MAY_READ_MESSAGES, self.case.department) else [],
            "has_bounced": self.case.pk in bounced_among([self.case]),
            "notes": self.case.notes.select_related("author"),
        }
        return context


@require_safe
def former_file(request: HttpRequest, public_id: str, file_id: str) -> FileResponse:
    """A file that a correction replaced."""
    case = visible_case_or_404(request, public_id)
    found = get_object_or_404(CorrectionFile, correction__application=case, public_id=file_id, is_former=True)
    if not may_open(case, found, show_sensitive=sees_sensitive(request.user, case.department)):
        raise Http404
    note_look(request.user, case, Seen.FILE, file=found.public_id)
    return file_response(found)


@require_safe
def letter_file(request: HttpRequest, public_id: str, file_id: str) -> FileResponse:
    """A file that went along with a message."""
    case = visible_case_or_404(request, public_id)
    if not sees_sensitive(request.user, case.department):
        raise Http404
    found = get_object_or_404(LetterFile, application=case, public_id=file_id, letter__isnull=False)
    note_look(request.user, case, Seen.FILE, file=found.public_id)
    return file_response(found)


@require_safe
def case_document(request: HttpRequest, public_id: str, document_id: str) -> FileResponse:
    """A document that was issued, taken back ones too; that it was opened is recorded."""
    case = visible_case_or_404(request, public_id)
    if not sees_sensitive(request.user, case.department):
        raise Http404
    found = get_object_or_404(case.documents, public_id=document_id)
    assert isinstance(request.user, User)  # nobody else has a role
    note_look(request.user, case, Seen.FILE, file=found.public_id)
    return file_response(open_document(case, found.public_id, actor=request.user), name=found.saved_as)


@require_safe
def case_file(request: HttpRequest, public_id: str, file_id: str) -> FileResponse:
    """One file of a case."""
    case = visible_case_or_404(request, public_id)
    attachment = get_object_or_404(Attachment, application=case, public_id=file_id)
    if not may_open(case, attachment, show_sensitive=sees_sensitive(request.user, case.department)):
        raise Http404
    note_look(request.user, case, Seen.FILE, file=attachment.public_id)
    try:
        return file_response(attachment)
    except FileNotFoundError as missing:
        raise Http404 from missing
