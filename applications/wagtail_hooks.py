"""Applications in Wagtail's admin: pages that may not go, and the outbox."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import AdminOnlyMenuItem, MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from applications.models import Application
from applications.views import links_admin, outbox_admin, quarantine_admin
from cms.access import has_role
from formbuilder.models import FormPage, FormVersion

KEPT = (
    "「{title}」は削除できません。申請（下書きを含む）が{count:,}件あり、申請は様式とともに保存します。"
    "受付をやめるときは「非公開にする」を使ってください。"
)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", outbox_admin.DeliveryListView.as_view(), name="list"),
        path("results/", outbox_admin.DeliveryListView.as_view(results_only=True), name="list_results"),
        path("retry/", outbox_admin.retry_all, name="retry_all"),
        path("<int:delivery_id>/retry/", outbox_admin.retry_one, name="retry"),
    ]
    put_aside = [
        path("", quarantine_admin.QuarantineView.as_view(), name="list"),
        path("results/", quarantine_admin.QuarantineView.as_view(results_only=True), name="list_results"),
    ]
    return [
        path("forms/links/", links_admin.links_of_all, name="links_of_all"),
        path("forms/<int:pk>/links/", links_admin.links, name="form_links"),
        path("forms/<int:pk>/links/<slug:kind>/", links_admin.link_file, name="form_link_file"),
        path("deliveries/", include((patterns, "deliveries"))),
        path("quarantine/", include((put_aside, "quarantine"))),
    ]


@hooks.register("register_reports_menu_item")
def register_deliveries() -> MenuItem:
    return AdminOnlyMenuItem(
        outbox_admin.TITLE, reverse("deliveries:list"), name="deliveries", icon_name=outbox_admin.ICON, order=1400
    )


class QuarantineMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return quarantine_admin.may_look(request.user)


@hooks.register("register_reports_menu_item")
def register_quarantine() -> MenuItem:
    return QuarantineMenuItem(
        quarantine_admin.TITLE,
        reverse("quarantine:list"),
        name="quarantine",
        icon_name=quarantine_admin.ICON,
        order=1410,
    )


class LinksMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return has_role(request.user, links_admin.MAY_MAKE_LINKS)


@hooks.register("register_reports_menu_item")
def register_links() -> MenuItem:
    """For officers, who have no way to the page editor."""
    return LinksMenuItem("リンクとチラシ", reverse("links_of_all"), name="links", icon_name="link", order=1420)


@hooks.register("register_page_header_buttons")
def links_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    form = page.specific_deferred
    if isinstance(form, FormPage) and links_admin.may_make_links(user, form):
        yield Button("リンクとチラシ", reverse("form_links", args=(page.pk,)), icon_name="link", priority=27)


@hooks.register("before_delete_page")
def keep_page_with_applications(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Wagtail would answer with an error page: the database keeps what applications point at."""
    if refused := _refusals([page]):
        messages.error(request, refused[0])
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    if request.method == "POST":
        _forget_versions([page])
    return None


@hooks.register("before_bulk_action")
def keep_pages_with_applications(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    pages = [each for each in objects if isinstance(each, Page)]
    if action_type != "delete" or not pages:
        return None
    if refused := _refusals(pages):
        for message in refused:
            messages.error(request, message)
        return redirect(action.next_url)
    _forget_versions(pages)
    return None


def _refusals(pages: Iterable[Page]) -> list[str]:
    counts = ((page, Application.objects.filter(form__in=_forms_below(page)).count()) for page in pages)
    return [KEPT.format(title=page.get_admin_display_title(), count=count) for page, count in counts if count]


def _forget_versions(pages: Iterable[Page]) -> None:
    """A form that nobody ever filled in goes with its versions; the caller deletes the page in the same transaction."""
    for page in pages:
        FormVersion.objects.filter(form__in=_forms_below(page)).delete()


def _forms_below(page: Page) -> QuerySet[FormPage]:
    forms: QuerySet[FormPage] = FormPage.objects.descendant_of(page, inclusive=True)
    return forms
