"""送信メール in the admin: read only, and only those of one's own departments."""

from collections.abc import Iterator
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy

from cms.access import MAY_READ_MESSAGES, has_role
from cms.languages import BY_CODE
from cms.models import Role
from formbuilder.models import FormPage
from outreach.delivery import moment, readable, told
from outreach.mail import send_again
from outreach.models import Message, MessageFile, MessageState
from outreach.wording_views import wording, wordings
from records.looks import note_look
from records.models import Seen

MAY_SEND_AGAIN = frozenset({Role.OFFICER, Role.APPROVER})


def may_send(user: Any, message: Message) -> bool:
    return has_role(user, MAY_SEND_AGAIN, message.application.department)


class ReadOnly(ModelPermissionPolicy):
    """Nobody adds, changes or deletes a mail; who has the role for some department may look."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and has_role(user, MAY_READ_MESSAGES)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Message) -> bool:
        return action == "view" and readable(user).filter(pk=instance.pk).exists()

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Message) -> bool:
        return any(self.user_has_permission_for_instance(user, action, instance) for action in actions)


class Counted(WagtailPaginator):
    @property
    def items_count_label(self) -> str:
        return f"{self.count:,}件"


class StateFilter(WagtailFilterSet):
    """届かなかったもの: those that somebody has to look at."""

    state = django_filters.MultipleChoiceFilter(
        label="状態", choices=MessageState.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Message
        fields: ClassVar = ["state"]


class MessageIndexView(IndexView):
    paginator_class = Counted
    filterset_class = StateFilter

    def get_base_queryset(self) -> QuerySet[Message]:
        return readable(self.request.user).defer("body")


class MessageInspectView(InspectView):
    def get_object(self, queryset: QuerySet[Message] | None = None) -> Message:
        """Wagtail's own asks for the model's permission only, and would show every department's mail."""
        return get_object_or_404(readable(self.request.user), pk=self.pk)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _note(request.user, self.object)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_field_label(self, field_name: str, field: Any) -> str:
        return "添付" if field_name == "files" else str(super().get_field_label(field_name, field))

    def get_application_display_value(self) -> SafeString:
        application = self.object.application
        if application.received_at is None:  # of a draft there is no case
            return SafeString("受け付ける前の申請")
        url = reverse("casework:case", args=[application.public_id])
        return format_html('<a href="{}">{}</a>', url, application.reference)

    def get_body_display_value(self) -> SafeString:
        return SafeString(linebreaks(self.object.body, autoescape=True))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        (sent,) = told([self.object])
        may = sent.is_trouble and may_send(self.request.user, self.object)
        return {**super().get_context_data(**kwargs), "sent": sent, "may_send_again": may}

    def get_state_display_value(self) -> str:
        (sent,) = told([self.object])
        return sent.words

    def get_language_display_value(self) -> str:
        return BY_CODE[self.object.language].label if self.object.language in BY_CODE else self.object.language

    def get_native_body_display_value(self) -> SafeString | str:
        """What staff need no translator for; empty where it was written in Japanese."""
        return SafeString(linebreaks(self.object.native_body, autoescape=True)) if self.object.native_body else "－"

    def get_files_display_value(self) -> SafeString:
        files = self.object.files.defer("content")
        linked = ((reverse("messages:file", args=[self.object.pk, file.pk]), file.name) for file in files)
        return format_html_join(" ", '<a href="{}">{}</a>', linked) or SafeString("なし")

    def get_created_at_display_value(self) -> str:
        return moment(self.object.created_at)


def _note(user: Any, message: Message) -> None:
    """A mail may hold a name and answers: who opens one has looked at the application."""
    if message.application.received_at is not None:
        note_look(user, message.application, Seen.MAIL)


@require_safe
def message_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """What went along with a mail that the reader may read."""
    found = get_object_or_404(MessageFile, pk=file, message__in=readable(request.user).filter(pk=pk))
    _note(request.user, found.message)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send once more what failed or came back."""
    message = get_object_or_404(readable(request.user), pk=pk)
    if not may_send(request.user, message):
        raise PermissionDenied
    if send_again(message.pk):
        messages.success(request, "もう一度送ります。結果は、この画面に出ます。")
    else:
        messages.info(request, "このメールは、すでに送信待ちか送信済です。")
    return redirect("messages:inspect", message.pk)


class MessageViewSet(ModelViewSet):
    model = Message
    name = "messages"
    icon = "mail"
    menu_label = "送信メール"
    menu_order = 250
    add_to_admin_menu = True
    inspect_view_enabled = True
    copy_view_enabled = False
    form_fields: ClassVar[list[str]] = []
    index_view_class = MessageIndexView
    inspect_view_class = MessageInspectView
    inspect_template_name = "outreach/admin/message.html"
    inspect_view_fields: ClassVar = [
        "application",
        "to",
        "subject",
        "body",
        "language",
        "native_body",
        "files",
        "state",
        "created_at",
    ]
    list_display: ClassVar = [
        "subject",
        Column("to", label="宛先"),
        Column("get_state_display", label="状態"),
        Column("created_at", label="作成", accessor=lambda message: moment(message.created_at)),
    ]
    search_fields: ClassVar = ["subject", "to"]

    def get_urlpatterns(self) -> list[URLPattern]:
        """The list and a mail; not Wagtail's views to change one, nor those of its history and usage."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("inspect/<int:pk>/", self.inspect_view, name="inspect"),
            path("inspect/<int:pk>/again/", message_again, name="again"),
            path("inspect/<int:pk>/files/<int:file>/", message_file, name="file"),
        ]

    @property
    def permission_policy(self) -> ReadOnly:
        return ReadOnly(Message)


@hooks.register("register_admin_viewset")
def messages_viewset() -> MessageViewSet:
    return MessageViewSet()


@hooks.register("register_admin_urls")
def wording_urls() -> list[URLPattern]:
    return [
        path("forms/<int:pk>/mails/", wordings, name="form_mails"),
        path("forms/<int:pk>/mails/<slug:name>/", wording, name="form_mail"),
    ]


@hooks.register("register_page_header_buttons")
def wordings_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    is_own = isinstance(page.specific_deferred, FormPage) and not page.alias_of_id
    if is_own and page.permissions_for_user(user).can_edit():
        yield Button("メールの文面", reverse("form_mails", args=(page.pk,)), icon_name="mail", priority=26)
