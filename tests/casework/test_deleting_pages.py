"""A page that applications point at stays; every other one may go."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from cms.models import DepartmentPage
from formbuilder.models import FormPage, FormVersion
from tests.support.cast import Cast, draft, submit


@pytest.fixture
def administrator(cast: Cast, client: Client) -> Client:
    client.force_login(cast.admin)
    return client


def delete(client: Client, page: Page) -> Any:
    return client.post(reverse("wagtailadmin_pages:delete", args=(page.pk,)), follow=True)


def delete_many(client: Client, *pages: Page) -> Any:
    address = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "delete"))
    query = "&".join(f"id={page.pk}" for page in pages)
    return client.post(f"{address}?{query}&next={reverse('wagtailadmin_home')}", follow=True)


def test_a_form_with_an_application_is_kept_and_the_reason_is_said(cast: Cast, administrator: Client) -> None:
    submit(cast.form)
    html = delete(administrator, cast.form).content.decode()
    assert "「出産応援ギフト」は削除できません。申請（下書きを含む）が1件あり" in html
    assert FormPage.objects.filter(pk=cast.form.pk).exists()


def test_the_question_whether_to_delete_is_not_even_asked(cast: Cast, administrator: Client) -> None:
    draft(cast.form)
    response = administrator.get(reverse("wagtailadmin_pages:delete", args=(cast.form.pk,)), follow=True)
    assert "削除できません" in response.content.decode()


def test_a_departments_page_above_an_application_is_kept(cast: Cast, administrator: Client) -> None:
    submit(cast.form)
    section = DepartmentPage.objects.get(department=cast.children)
    assert "「こども家庭課」は削除できません" in delete(administrator, section).content.decode()
    assert DepartmentPage.objects.filter(pk=section.pk).exists()


def test_several_pages_at_once_are_kept_when_one_of_them_has_applications(cast: Cast, administrator: Client) -> None:
    submit(cast.form)
    html = delete_many(administrator, cast.form, cast.other_form).content.decode()
    assert "「出産応援ギフト」は削除できません" in html
    assert FormPage.objects.filter(pk__in=(cast.form.pk, cast.other_form.pk)).count() == 2


def test_a_published_form_that_nobody_filled_in_goes_with_its_versions(cast: Cast, administrator: Client) -> None:
    pk = cast.form.pk
    assert administrator.get(reverse("wagtailadmin_pages:delete", args=(pk,))).status_code == 200
    assert FormVersion.objects.filter(form_id=pk).exists()  # asking deletes nothing
    assert delete(administrator, cast.form).status_code == 200
    assert not FormPage.objects.filter(pk=pk).exists()
    assert not FormVersion.objects.filter(form_id=pk).exists()


def test_pages_without_applications_go_together(cast: Cast, administrator: Client) -> None:
    section = DepartmentPage.objects.get(department=cast.waste)
    pks = [cast.form.pk, cast.other_form.pk, section.pk]
    delete_many(administrator, cast.form, section)
    assert not Page.objects.filter(pk__in=pks).exists()
