"""受付期間: nobody begins before it, nobody declares after it, and what was typed is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, STEPS, Resident, leads_to, text_of
from tests.support.cast import Cast, make_form

DAY = timedelta(days=1)


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def period(form: FormPage, begins: timedelta | None = None, ends: timedelta | None = None) -> None:
    """Set the period of the published form, from now."""
    now = timezone.now()
    FormPage.objects.filter(pk=form.pk).update(
        accepts_from=None if begins is None else now + begins, accepts_until=None if ends is None else now + ends
    )


def test_nobody_begins_before_the_period(form: FormPage, resident: Resident) -> None:
    period(form, begins=DAY)
    for place in ("", "1"):
        response = resident.get(place)
        assert response.status_code == 410
        assert "この手続の受付は、" in text_of(response)
        assert "に始まります。" in text_of(response)
    resident.fill("1", APPLICANT)
    assert not Application.objects.exists()
    period(form, begins=-DAY)
    assert resident.get("1").status_code == 200


def test_a_draft_of_before_the_deadline_is_kept_and_not_declared_after_it(form: FormPage, resident: Resident) -> None:
    period(form, begins=-DAY, ends=DAY)
    resident.reaches_check()
    period(form, ends=-timedelta(seconds=1))
    for place in ("", "2", "check"):
        response = resident.get(place)
        assert response.status_code == 410
        assert "で終わりました" in text_of(response)
        assert "残してあります" in text_of(response)
    resident.declare()
    assert resident.draft.status == Status.DRAFT
    period(form, ends=DAY)  # the department gives more time
    resident.declare()
    assert Application.objects.get().status == Status.SUBMITTED


def test_what_was_sent_at_the_last_moment_is_kept(form: FormPage, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    period(form, ends=-DAY)
    response = resident.fill("1", {**APPLICANT, "メール": "other@example.jp"})
    assert response.status_code == 410
    assert resident.answers["メール"] == "other@example.jp"


def test_what_was_declared_in_time_is_seen_after_the_deadline(form: FormPage, resident: Resident) -> None:
    resident.reaches_check()
    resident.declare()
    period(form, ends=-DAY)
    assert leads_to(resident.get()) == "done"
    assert resident.get("done").status_code == 200
