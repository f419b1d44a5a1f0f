"""所管課 in the admin, for who runs the system."""

from typing import ClassVar

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet

from cms.models import Department
from cms.services import establish


class DepartmentCreateView(CreateView):
    def save_instance(self) -> Department:
        department: Department = super().save_instance()
        establish(department)
        return department


class DepartmentEditView(EditView):
    def save_instance(self) -> Department:
        department: Department = super().save_instance()
        establish(department)
        return department


class DepartmentViewSet(ModelViewSet):
    model = Department
    name = "departments"
    icon = "group"
    menu_label = "所管課"
    menu_order = 700
    add_to_settings_menu = True
    copy_view_enabled = False
    form_fields: ClassVar = ["name", "code", "phone", "email", "order"]
    list_display: ClassVar = ["name", "code", "phone", "email"]
    add_view_class = DepartmentCreateView
    edit_view_class = DepartmentEditView


@hooks.register("register_admin_viewset")
def departments_viewset() -> DepartmentViewSet:
    return DepartmentViewSet()


@hooks.register("construct_main_menu")
def without_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's help and its "what's new" lead outside; no page of the product calls out."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
