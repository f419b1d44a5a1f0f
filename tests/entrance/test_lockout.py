"""Guessing passwords ends soon; the owner, elsewhere, still gets in."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from applications.limits import Limit
from cms.models import Role
from entrance import limits
from staff.models import User
from tests.entrance.entering import is_in, log_in
from tests.support.cast import PASSWORD, Cast, make_staff

OFFICE, ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "198.51.100.9"}


@pytest.fixture
def officer(cast: Cast) -> User:
    return make_staff("taro", (cast.children, Role.OFFICER), password=PASSWORD)


def fail(client: Client, times: int, username: str = "taro", **where: str) -> None:
    for _ in range(times):
        log_in(client, username, "chigau", **where)


def test_after_ten_wrong_ones_the_right_one_is_refused_too(officer: User, client: Client) -> None:
    fail(client, 10, **OFFICE)
    answer = log_in(client, "taro", **OFFICE)
    assert "しばらく受け付けません" in answer.content.decode()
    assert not is_in(client)


def test_nine_wrong_ones_do_no_harm(officer: User, client: Client) -> None:
    fail(client, 9, **OFFICE)
    log_in(client, "taro", **OFFICE)
    assert is_in(client)


def test_the_owner_gets_in_from_another_network(officer: User, client: Client) -> None:
    fail(Client(), 12, **ELSEWHERE)
    log_in(client, "taro", **OFFICE)
    assert is_in(client)


def test_many_networks_at_one_account_end_as_well(
    officer: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PERSON", Limit("login-anywhere", 5, limits.QUARTER))
    for number in range(6):
        fail(Client(), 1, REMOTE_ADDR=f"198.51.100.{number}")
    answer = log_in(client, "taro", **OFFICE)
    assert "しばらく受け付けません" in answer.content.decode()


def test_one_network_at_many_accounts_ends(officer: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NETWORK", Limit("login-network", 5, limits.QUARTER))
    for number in range(6):
        fail(client, 1, f"dareka{number}", **OFFICE)
    assert "しばらく受け付けません" in log_in(client, "taro", **OFFICE).content.decode()


def test_logging_in_often_is_no_guessing(officer: User) -> None:
    for _ in range(15):
        client = Client()
        log_in(client, "taro", **OFFICE)
        assert is_in(client)


def test_writing_the_name_otherwise_does_not_help(officer: User, client: Client) -> None:
    for name in ("taro", "TARO", " taro ", "Taro", "tAro") * 2:
        log_in(client, name, "chigau", **OFFICE)
    assert "しばらく受け付けません" in log_in(client, "taro", **OFFICE).content.decode()


def test_a_name_that_nobody_has_is_told_the_same(officer: User, client: Client) -> None:
    wrong = log_in(client, "taro", "chigau", **OFFICE).context["form"].non_field_errors()
    unknown = log_in(client, "inai", "chigau", **OFFICE).context["form"].non_field_errors()
    assert wrong == unknown
    fail(client, 10, "inai", **OFFICE)
    assert "しばらく受け付けません" in log_in(client, "inai", **OFFICE).content.decode()


def test_it_is_over_after_a_while(officer: User, client: Client) -> None:
    fail(client, 11, **OFFICE)
    with time_machine.travel(timezone.now() + timedelta(minutes=limits.MINUTES)):
        log_in(client, "taro", **OFFICE)
        assert is_in(client)


def test_who_is_away_for_long_logs_in_again(officer: User, client: Client, settings: LazySettings) -> None:
    settings.IDLE_MINUTES = 60
    log_in(client, "taro")
    assert is_in(client)
    now = timezone.now()
    for minutes in (50, 100, 150):  # at work
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert is_in(client)
    with time_machine.travel(now + timedelta(minutes=150 + 62)):
        answer = client.get("/admin/cases/?q=x")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=/admin/cases/")
        assert "しばらく操作がなかった" in client.get(answer["Location"]).content.decode()
        assert not is_in(client)
