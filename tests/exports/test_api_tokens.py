"""APIトークン in the admin: made by who may export, shown once, stopped."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exports.api.models import ApiToken
from tests.exports.asking import ask, make_token
from tests.support.cast import Cast

NEW = {"name": "基幹", "scopes": ["forms:read"], "networks": "127.0.0.1\n10.0.0.0/8"}


def data(cast: Cast, **more: object) -> dict[str, object]:
    expires = timezone.localdate() + timedelta(days=30)
    return {**NEW, "department": cast.children.pk, "expires_on": str(expires), **more}


def test_a_token_is_made_shown_once_and_works(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    response = client.post(reverse("exports:new_token"), data(cast))
    (secret,) = re.findall(r"mdg_[\w-]{40,}", response.content.decode())
    assert "no-store" in response["Cache-Control"]
    assert ask(secret, "/forms").status_code == 200
    assert ask(secret, "/events").status_code == 403
    listed = client.get(reverse("exports:tokens")).content.decode()
    assert secret not in listed and "基幹" in listed and "10.0.0.0/8" in listed


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["all"]},
        {"networks": "どこか"},
        {"expires_on": "2020-01-01"},
        {"expires_on": "2999-01-01"},
        {"department": 999},
    ],
)
def test_a_token_that_says_too_little_is_not_made(cast: Cast, client: Client, more: dict[str, object]) -> None:
    client.force_login(cast.officer)
    response = client.post(reverse("exports:new_token"), data(cast, **more))
    assert response.status_code == 400 and not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_another_department(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    assert client.post(reverse("exports:new_token"), data(cast, department=cast.waste.pk)).status_code == 400


def test_a_token_is_stopped(cast: Cast, client: Client) -> None:
    secret, token = make_token(cast.children, cast.officer), ApiToken.objects.get()
    client.force_login(cast.other_officer)
    assert client.post(reverse("exports:revoke_token", args=[token.pk])).status_code == 404
    client.force_login(cast.exporter)
    client.post(reverse("exports:revoke_token", args=[token.pk]))
    assert ask(secret, "/forms").status_code == 401
    assert "停止" in client.get(reverse("exports:tokens")).content.decode()


PAGES = ["exports:new", "exports:jobs", "exports:tokens", "exports:new_token"]
ROLES = ["officer", "exporter", "approver", "auditor", "editor", "publisher", "other_officer", "admin"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_which_page(cast: Cast, client: Client, page: str, role: str) -> None:
    client.force_login(getattr(cast, role))
    opened = client.get(reverse(page)).status_code == 200
    assert opened is (role in {"officer", "exporter", "other_officer"})


def test_an_auditor_opens_the_records_alone(cast: Cast, client: Client) -> None:
    for role in ROLES:
        client.force_login(getattr(cast, role))
        assert (client.get(reverse("exports:records")).status_code == 200) is (role == "auditor")
