"""A form asks for places of its own department's receptions, and of no others."""

import pytest
from django.test import Client

from cms.models import DepartmentPage
from formbuilder.compiler import CompileErrors
from formbuilder.models import FormPage
from formbuilder.package import PackageRefused
from reservations.asking import Unclear, asked
from reservations.models import Calendar
from tests.formbuilder.editing import inputs, send
from tests.reservations.desk import ANSWERS, make_checkup_form
from tests.reservations.scene import FIRST_DAY, CheckUp
from tests.support.cast import Cast, draft


def test_a_form_is_not_published_with_the_reception_of_another_department(cast: Cast, check_up: CheckUp) -> None:
    Calendar.objects.create(department=cast.waste, name="粗大ごみ", code="sodai", valid_from=FIRST_DAY)
    with pytest.raises(PackageRefused, match="所管課の受付ではありません。「総合検診」から選んでください。"):
        make_checkup_form(cast.children, more={"calendar": "sodai"})
    Calendar.objects.filter(pk=check_up.calendar.pk).update(department=cast.waste)
    with pytest.raises(PackageRefused, match="先に「予約」→「予約の受付」で"):
        make_checkup_form(cast.children, more={"calendar": "sodai"})
    assert not FormPage.objects.filter(code="checkup").exists()


def test_a_form_that_moved_to_another_department_is_refused_at_its_next_publish(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    form = make_checkup_form(cast.children)
    form.move(DepartmentPage.objects.get(department=cast.waste), pos="last-child")
    form = FormPage.objects.get(pk=form.pk)
    with pytest.raises(CompileErrors, match="所管課の受付ではありません"):
        form.save_revision().publish()
    client.force_login(cast.admin)
    refused = send(client, form, inputs(form), "publish").context["form"]
    (problem,) = refused.errors.as_data()["requires"][0].block_errors.values()
    assert problem.messages[0].startswith("この申請フォームの所管課の受付ではありません。先に")
    with pytest.raises(Unclear):
        asked(draft(form, ANSWERS))


def test_an_editor_publishes_a_form_with_the_reception_of_his_department(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    form = make_checkup_form(cast.children)
    client.force_login(cast.admin)
    FormPage.objects.filter(pk=form.pk).update(title="前の題名")
    assert send(client, form, inputs(form), "publish").status_code == 302
    assert FormPage.objects.get(pk=form.pk).title == "総合検診の予約"
