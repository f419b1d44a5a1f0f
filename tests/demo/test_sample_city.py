"""The sample municipality: all of it, the same when started again, and worked through the product's own functions."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from applications.listing import visible_to
from applications.models import Application, Attachment, Delivery
from applications.status import Status
from cms.models import Department, Role
from demo import load
from demo.check_up import BOOKED, PUBLIC
from demo.sample_city import ACCOUNTS
from formbuilder.models import FormPage, FormVersion
from formbuilder.translations import page_texts
from reservations.availability import choices
from reservations.invariant import problems
from reservations.models import Calendar
from reservations.party import Person
from staff.models import User

MANY = 24


@pytest.fixture
def city(db: None) -> None:
    load.load(applications=MANY)


def test_a_newcomer_finds_departments_accounts_a_form_and_applications(city: None) -> None:
    assert Department.objects.count() == 4
    assert FormVersion.objects.filter(form__code="smile-gift", form__live=True, is_current=True).exists()
    assert Application.objects.filter(form__code="smile-gift", received_at__isnull=False).count() == MANY
    assert Attachment.objects.count() >= MANY
    assert len(set(Application.objects.values_list("status", flat=True))) >= 3
    assert load.APPLICATIONS == 300


def test_one_form_can_be_read_in_two_other_languages_whole(city: None) -> None:
    page = FormPage.objects.get(code="ogata-gomi")
    for language in ("en", "vi"):
        assert [text.source for text in page_texts(page) if text.source not in page.translations[language]] == []


def test_there_is_an_account_for_every_role_and_its_password_works(city: None) -> None:
    held = {role for account in ACCOUNTS for _, role in account.roles}
    assert held == set(Role)
    for account in ACCOUNTS:
        user = authenticate(username=account.username, password=load.demo_password())
        assert isinstance(user, User)
        assert user.get_full_name() == " ".join(account.name)
        assert user.has_perm("wagtailadmin.access_admin")


def test_the_officer_sees_them_and_the_other_department_none(city: None) -> None:
    assert visible_to(User.objects.get(username="officer")).count() == MANY
    assert visible_to(User.objects.get(username="shimin")).count() == 0


def test_the_check_up_can_be_booked_from_the_first_day_on(city: None) -> None:
    assert FormVersion.objects.filter(form__code="sogo-kenshin", form__live=True, is_current=True).exists()
    calendar = Calendar.objects.get(code="sogo-kenshin")
    today = timezone.localdate()
    shown = choices(calendar=calendar, first=today, last=today + timedelta(days=40))
    assert len(shown) > 100
    assert [choice.left for choice in shown[:3]] == [PUBLIC - booked for booked in BOOKED]
    assert all(choice.fits((Person(places=5),)) for choice in shown[3:])
    assert visible_to(User.objects.get(username="kenko")).count() == sum(BOOKED)
    assert list(problems()) == []


def test_it_is_known_to_be_loaded_and_only_the_newest_mails_wait(city: None) -> None:
    assert load.is_loaded()
    deliveries = Delivery.objects.filter(event__application__form__code="smile-gift")
    waiting = deliveries.values("event__application").distinct().count()
    assert 0 < waiting < MANY


def test_a_load_that_fails_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(load, "submit_smile_gifts", fail)
    with pytest.raises(OSError, match="disk full"):
        load.load(applications=1)
    assert not load.is_loaded()
    assert not Application.objects.exists()


def test_what_is_decided_was_reviewed_first(city: None) -> None:
    for application in Application.objects.filter(status__in=[Status.APPROVED, Status.COMPLETED, Status.REJECTED]):
        kinds = list(application.events.values_list("kind", flat=True))
        assert kinds[:3] == ["declared", "arrived", "review_started"]
