"""Pages of the public site, and the departments that own procedures."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from cms.base_pages import BasePage as BasePage  # the models of this app, wherever they stand
from cms.base_pages import ProcedurePage as ProcedurePage
from cms.base_pages import procedure_models
from cms.catalogue import cards, catalogue
from cms.topics import Category as Category
from cms.topics import LifeEvent as LifeEvent


class Department(models.Model):
    """A department (所管課): it owns procedures, and with them every application to those."""

    name = models.CharField("名称", max_length=100, unique=True)
    code = models.SlugField(
        "識別名", max_length=40, unique=True, help_text="半角の英数字。あとから変えないでください。"
    )
    phone = models.CharField("電話", max_length=40, blank=True)
    email = models.EmailField("メール", blank=True)
    order = models.PositiveIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "所管課"
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member of staff may do for one department (design §8)."""

    EDITOR = "editor", "フォーム作成者"
    PUBLISHER = "publisher", "フォーム公開者"
    OFFICER = "officer", "担当者"
    APPROVER = "approver", "決裁者"
    EXPORTER = "exporter", "出力担当者"
    AUDITOR = "auditor", "監査担当者"


class DepartmentRole(models.Model):
    """One role of one department, carried by one Wagtail group: who is in the group has the role."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="roles", verbose_name="所管課")
    role = models.CharField("役割", max_length=20, choices=Role.choices)
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="department_role")

    class Meta:
        verbose_name = verbose_name_plural = "所管課の役割"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("department", "role"), name="one_group_per_department_role")
        ]

    def __str__(self) -> str:
        return f"{self.department}: {self.get_role_display()}"


class HomePage(BasePage):
    """The catalogue of procedures."""

    max_count = 1
    template = "cms/home_page.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = "トップページ"

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        sections = DepartmentPage.objects.child_of(self).live().select_related("department")
        in_order = sections.order_by("department__order", "title")
        return context | catalogue(self, {each.department.code: each for each in in_order}, request)


class DepartmentPage(BasePage):
    """The part of the site that belongs to one department; its procedures are its child pages."""

    department = models.OneToOneField(Department, on_delete=models.PROTECT, related_name="page", verbose_name="所管課")
    template = "cms/department_page.html"
    parent_page_types: ClassVar = ["cms.HomePage"]
    # no panel for the department: whose applications these are is not a page editor's to change (services.establish)
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = "所管課のページ"

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context(request, *args, **kwargs)
        context["procedures"] = [page for model in procedure_models() for page in cards(model.objects.child_of(self))]
        context["guides"] = GuidePage.objects.child_of(self).live().order_by("title")
        return context


def department_of(page: Page) -> Department | None:
    """The department in whose part of the site the page stands; the page may be that part itself."""
    sections = DepartmentPage.objects.ancestor_of(page, inclusive=True).select_related("department")
    section = sections.order_by("-depth").first()
    return section.department if section else None


class GuidePage(BasePage):
    """A page of plain text: how to use the site, accessibility, privacy."""

    body = RichTextField("本文", features=["h2", "h3", "bold", "ol", "ul", "link", "hr"])
    template = "cms/guide_page.html"
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]

    class Meta:
        verbose_name = "案内ページ"
