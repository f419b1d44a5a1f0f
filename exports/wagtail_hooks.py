"""Where exports appear in Wagtail's admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import BaseButton, HeaderButton

from exports import urls
from exports.access import may_export
from exports.record_views import may_audit
from exports.views import filters_only


class RecordsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_audit(request.user)


class JobsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_export(request.user)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLResolver]:
    return [path("exports/", include(urls))]


@hooks.register("register_reports_menu_item")
def register_records() -> MenuItem:
    return RecordsMenuItem(
        "出力の記録", reverse("exports:records"), name="export-records", icon_name="download", order=1300
    )


@hooks.register("register_reports_menu_item")
def register_jobs() -> MenuItem:
    return JobsMenuItem("出力ファイル", reverse("exports:jobs"), name="export-files", icon_name="download", order=1290)


@hooks.register("register_reports_menu_item")
def register_templates() -> MenuItem:
    url = reverse("exports:templates")
    return JobsMenuItem("出力テンプレート", url, name="export-templates", icon_name="table", order=1280)


@hooks.register("register_reports_menu_item")
def register_schedules() -> MenuItem:
    url = reverse("exports:schedules")
    return JobsMenuItem("定期出力", url, name="export-schedules", icon_name="calendar-alt", order=1285)


@hooks.register("register_settings_menu_item")
def register_tokens() -> MenuItem:
    return JobsMenuItem("APIトークン", reverse("exports:tokens"), name="api-tokens", icon_name="key", order=1300)


@hooks.register("register_settings_menu_item")
def register_webhooks() -> MenuItem:
    return JobsMenuItem("Webhook", reverse("exports:webhooks"), name="webhooks", icon_name="link", order=1310)


@hooks.register("register_case_list_buttons")
def export_button(request: HttpRequest) -> list[BaseButton]:
    """In the header of the list of applications, with the list's filters."""
    if not may_export(request.user):
        return []
    url = f"{reverse('exports:new')}{filters_only(request.GET)}"
    return [HeaderButton("出力", url=url, icon_name="download", priority=10)]
