"""A form on its way from a draft to a version."""

from typing import Any

from django.test import Client
from django.urls import reverse

from cms.models import Department, DepartmentPage
from formbuilder.importing import import_form
from formbuilder.models import FormPage, FormVersion
from formbuilder.package import FORMAT, VERSION
from staff.models import User
from tests.support.cast import Cast, item


def make_draft(cast: Cast, code: str = "kotae") -> FormPage:
    """A form that nobody has published."""
    data = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "答えの用紙", "code": code},
        "steps": [{"id": "s1", "title": "一", "fields": [item("text", "氏名", key="a")]}],
    }
    return import_form(data, section=section_of(cast.children))


def section_of(department: Department) -> DepartmentPage:
    return DepartmentPage.objects.get(department=department)


def again(page: FormPage) -> FormPage:
    return FormPage.objects.get(pk=page.pk)


def relabelled(page: FormPage, label: str) -> FormPage:
    """The page's latest draft with another label, unsaved."""
    draft: FormPage = again(page).get_latest_revision_as_object()
    draft.body[0].value["fields"][0].value["label"] = label
    return draft


def publish(page: FormPage) -> FormPage:
    page.save_revision().publish()
    return again(page)


def numbers(page: FormPage) -> list[int]:
    return list(FormVersion.objects.filter(form=page).order_by("number").values_list("number", flat=True))


def labels(version: FormVersion) -> list[str]:
    return [field.label for field in version.engine.definition.fields()]


def hand_in(page: FormPage, user: User) -> None:
    """For the approval of the second person, who publishes for the department."""
    page.get_workflow().start(page, user)


def approve(client: Client, page: FormPage, **headers: str) -> Any:
    """As from the list of what waits for approval: without opening the editor."""
    state = again(page).current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    return client.post(address, {"comment": ""}, headers=headers)
