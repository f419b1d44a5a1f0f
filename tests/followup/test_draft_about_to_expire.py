"""The mail before a draft expires."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from applications.expiry import DRAFT_DAYS, expire_drafts
from applications.models import Application, Channel, Event
from applications.status import Status
from followup import expiring, jobs
from followup.models import ExpiryNotice, ResumeLink
from tests.applications.residents import ACCOUNT, Resident, leads_to
from tests.followup.following import ADDRESS, ANSWERS, link_in, newest_mail, work
from tests.support.cast import SOMEBODY, Cast, draft


def aged(application: Application, days: float) -> Application:
    """Untouched for so many days."""
    Application.objects.filter(pk=application.pk).update(updated_at=timezone.now() - timedelta(days=days))
    application.refresh_from_db()
    return application


NEAR = DRAFT_DAYS - 2


def test_the_resident_is_told_once_and_the_link_opens_the_draft(cast: Cast) -> None:
    application = aged(draft(cast.form, ANSWERS), NEAR)
    assert (jobs.notify_expiring(), jobs.notify_expiring()) == (1, 0)
    letter = newest_mail()
    gone = timezone.localtime(application.updated_at + timedelta(days=DRAFT_DAYS))
    assert letter.to == [ADDRESS] and "まもなく消えます" in letter.subject
    assert f"{gone.year}年{gone.month}月{gone.day}日" in str(letter.body)
    work()
    assert len(mail.outbox) == 1
    other = Resident(cast.form, Client())
    assert leads_to(other.client.post(link_in(str(letter.body)), {"action": "open"})) == cast.form.code
    assert other.draft == application


@pytest.mark.parametrize(("days", "told"), [(1, 0), (DRAFT_DAYS - 4, 0), (NEAR, 1), (DRAFT_DAYS + 1, 0)])
def test_only_the_last_days_count(cast: Cast, days: int, told: int) -> None:
    aged(draft(cast.form, ANSWERS), days)
    assert jobs.notify_expiring() == told


def test_the_days_are_a_setting(cast: Cast, settings: Settings) -> None:
    settings.DRAFT_NOTICE_DAYS = 10
    aged(draft(cast.form, ANSWERS), DRAFT_DAYS - 9)
    assert jobs.notify_expiring() == 1


def test_who_gave_no_address_is_looked_at_once_and_not_told(cast: Cast) -> None:
    aged(draft(cast.form, SOMEBODY), NEAR)
    assert (jobs.notify_expiring(), jobs.notify_expiring()) == (1, 0)
    work()
    assert not mail.outbox and not Event.objects.exists()


def test_the_notice_goes_where_the_last_link_went(cast: Cast) -> None:
    application = draft(cast.form, SOMEBODY)
    ResumeLink.objects.create(application=application, to="other@example.jp")
    aged(application, NEAR)
    jobs.notify_expiring()
    assert newest_mail().to == ["other@example.jp"]


def test_a_draft_of_staff_is_not_told_of(cast: Cast) -> None:
    aged(draft(cast.form, ANSWERS, channel=Channel.PHONE), NEAR)
    assert jobs.notify_expiring() == 0


def test_who_came_back_and_forgot_again_is_told_again(cast: Cast) -> None:
    application = aged(draft(cast.form, ANSWERS), NEAR)
    jobs.notify_expiring()
    ExpiryNotice.objects.update(expires_on=timezone.localdate() - timedelta(days=20))  # that was last month
    aged(application, NEAR)
    assert jobs.notify_expiring() == 1
    assert ExpiryNotice.objects.count() == 2
    expiring.forget_old()
    assert ExpiryNotice.objects.count() == 1


def test_who_came_back_in_this_moment_is_not_told(cast: Cast) -> None:
    application = aged(draft(cast.form, ANSWERS), NEAR)
    Application.objects.filter(pk=application.pk).update(updated_at=timezone.now())
    assert not expiring._notify(application.pk)
    Application.objects.filter(pk=application.pk).update(status=Status.EXPIRED)
    aged(application, NEAR)
    assert not expiring._notify(application.pk)


def test_a_lost_key_of_one_draft_does_not_hold_up_the_others(cast: Cast, settings: Settings) -> None:
    aged(draft(cast.form, {**ANSWERS, "振込先": ACCOUNT}), NEAR + 1)
    settings.VAULT_KEYS = ["another"]
    aged(draft(cast.form, ANSWERS), NEAR)
    assert jobs.notify_expiring() == 2
    work()
    assert len(mail.outbox) == 1


def test_a_notice_that_comes_too_late_is_not_sent(cast: Cast) -> None:
    application = aged(draft(cast.form, ANSWERS), NEAR)
    jobs.notify_expiring()
    aged(application, DRAFT_DAYS + 1)
    expire_drafts()
    work()
    assert not mail.outbox


def test_what_is_of_no_use_goes(cast: Cast) -> None:
    application = draft(cast.form, ANSWERS)
    ResumeLink.objects.create(application=application, to=ADDRESS)
    assert jobs.forget_old() == 0
    assert ResumeLink.objects.exists()
    Application.objects.update(status=Status.EXPIRED)
    jobs.forget_old()
    assert not ResumeLink.objects.exists()
