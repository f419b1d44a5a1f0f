"""The forms that one may work on, on the first page of the admin: where a clerk begins."""

from typing import Any

from wagtail.admin.ui.components import Component
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.access import AnyUser
from cms.models import DepartmentPage
from formbuilder.models import FormPage

SHOWN = 12


def sections_for(user: AnyUser) -> list[DepartmentPage]:
    """The departments' parts of the site in which the user may make a form."""
    allowed = PagePermissionPolicy().instances_user_has_permission_for(user, "add")
    return list(DepartmentPage.objects.filter(pk__in=allowed.values("pk")).order_by("title"))


class FormsPanel(Component):
    """Forms, newest change first, and a button for a new one."""

    name = "forms"
    template_name = "formbuilder/home_panel.html"
    order = 60

    def __init__(self, sections: list[DepartmentPage]) -> None:
        self.sections = sections

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        forms = FormPage.objects.none()
        for section in self.sections:
            forms = forms | FormPage.objects.child_of(section)
        latest = forms.order_by("-latest_revision_created_at", "title")[:SHOWN]
        return {"sections": self.sections, "forms": latest}
