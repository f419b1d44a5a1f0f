"""満足度 in Wagtail's admin, among the reports."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.access import may_read_cases
from followup.views.results import ICON, TITLE, ResultsView, ResultView, take_out_file


class RatingsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read_cases(request.user)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLResolver]:
    patterns = [
        path("", ResultsView.as_view(), name="list"),
        path("<int:form_id>/", ResultView.as_view(), name="form"),
        path("<int:form_id>/results/", ResultView.as_view(results_only=True), name="form_results"),
        path("<int:form_id>/csv/", take_out_file, name="csv"),
    ]
    return [path("ratings/", include((patterns, "ratings")))]


@hooks.register("register_reports_menu_item")
def register_ratings() -> MenuItem:
    return RatingsMenuItem(TITLE, reverse("ratings:list"), name="ratings", icon_name=ICON, order=1200)
