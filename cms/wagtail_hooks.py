"""所管課 in the admin, for who runs the system."""

from typing import ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.models import Category, Department, DepartmentPage, LifeEvent
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


class TopicViewSet(ModelViewSet):
    """What residents look for procedures by; put in order by dragging."""

    icon = "tag"
    add_to_settings_menu = True
    copy_view_enabled = False
    form_fields: ClassVar = ["name", "icon"]
    list_display: ClassVar = ["name", "get_icon_display"]
    ordering = "sort_order"


class CategoryViewSet(TopicViewSet):
    model = Category
    name = "categories"
    menu_label = "手続の分類"
    menu_order = 710


class LifeEventViewSet(TopicViewSet):
    model = LifeEvent
    name = "life-events"
    menu_label = "ライフイベント"
    menu_order = 720


@hooks.register("register_admin_viewset")
def topics_viewsets() -> list[ModelViewSet]:
    return [CategoryViewSet(), LifeEventViewSet()]


@hooks.register("construct_page_chooser_queryset")
def own_or_public_pages(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Who looks for a page to link to finds what is public and what is their own; no drafts of other departments."""
    mine = PagePermissionPolicy().instances_user_has_any_permission_for(request.user, {"add", "change", "publish"})
    return pages.filter(Q(live=True) | Q(pk__in=mine.values("pk")))


@hooks.register("before_copy_page")
def departments_are_not_copied(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A department has one part of the site; a copy, or an alias, would be a second one."""
    if not DepartmentPage.objects.descendant_of(page, inclusive=True).exists():
        return None
    messages.error(
        request, "所管課のページは一つの課に一つなので、複製できません。申請フォームを一つずつ複製してください。"
    )
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("construct_main_menu")
def without_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's help and its "what's new" lead outside; no page of the product calls out."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
