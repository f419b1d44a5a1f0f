"""Webhooks in the admin: made, shown once, changed, stopped and sent again by who may export for the department."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exports.webhooks import services
from exports.webhooks.models import Attempt, Endpoint, Message, MessageState
from tests.support.cast import Cast, submit

URL = "https://203.0.114.5/hook"


def data(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"name": "基幹", "department": cast.children.pk, "url": URL, "kinds": ["arrived"], **more}


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def make(cast: Cast, **more: Any) -> Endpoint:
    given = {"name": "基幹", "department": cast.children, "url": URL, "kinds": ["arrived"], **more}
    return services.make(cast.officer, **given)[0]


def test_one_is_made_and_its_secret_shown_once(cast: Cast, desk: Client) -> None:
    response = desk.post(reverse("exports:new_webhook"), data(cast, pages=[cast.form.pk]))
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    (secret,) = re.findall(r"whsec_[\w+/=]{40,}", response.content.decode())
    endpoint = Endpoint.objects.get()
    assert (endpoint.user, endpoint.forms, endpoint.kinds) == (cast.officer, [cast.form.pk], ["arrived"])
    page = desk.get(reverse("exports:webhook", args=[endpoint.public_id])).content.decode()
    assert secret not in page and URL in page
    assert "基幹" in desk.get(reverse("exports:webhooks")).content.decode()


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"kinds": []},
        {"kinds": ["code_asked"]},
        {"url": "http://203.0.114.5/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://[::ffff:10.0.0.1]/"},
        {"url": "どこか"},
        {"pages": [999]},
        {"department": 999},
    ],
)
def test_one_that_may_not_be_is_not_made(cast: Cast, desk: Client, more: dict[str, Any]) -> None:
    response = desk.post(reverse("exports:new_webhook"), data(cast, **more))
    assert response.status_code == 400 and not Endpoint.objects.exists()


def test_another_departments_form_or_name_cannot_be_chosen(cast: Cast, desk: Client) -> None:
    for more in ({"department": cast.waste.pk}, {"pages": [cast.other_form.pk]}):
        assert desk.post(reverse("exports:new_webhook"), data(cast, **more)).status_code == 400
    assert not Endpoint.objects.exists()


def test_it_is_changed_stopped_started_and_its_secret_replaced(cast: Cast, desk: Client) -> None:
    endpoint = make(cast)
    page = reverse("exports:webhook", args=[endpoint.public_id])
    desk.post(reverse("exports:edit_webhook", args=[endpoint.public_id]), data(cast, name="新しい名前"))
    desk.post(page, {"do": "stop"})
    endpoint.refresh_from_db()
    assert endpoint.name == "新しい名前" and endpoint.stopped_at is not None
    assert "停止" in desk.get(page).content.decode()
    desk.post(page, {"do": "start"})
    before = endpoint.secret
    assert "whsec_" in desk.post(page, {"do": "rotate"}).content.decode()
    after = Endpoint.objects.get()
    assert after.stopped_at is None and after.old_secret == before != after.secret


def test_the_log_is_shown_and_one_or_all_since_are_sent_again(cast: Cast, desk: Client) -> None:
    endpoint, application = make(cast), submit(cast.form)
    event = application.events.get(kind="arrived")
    services.queue(endpoint, [event])
    message = Message.objects.get()
    Attempt.objects.create(message=message, at=timezone.now(), status=500, milliseconds=12)
    Message.objects.update(state=MessageState.FAILED, attempts=8)
    page = reverse("exports:webhook", args=[endpoint.public_id])
    shown = desk.get(page).content.decode()
    assert "HTTP 500" in shown and "12ミリ秒" in shown and str(application.reference) in shown
    desk.post(page, {"do": "again", "message": message.public_id})
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.WAITING, 0)
    Message.objects.update(state=MessageState.DELIVERED)
    since = timezone.localtime() - timedelta(hours=1)
    assert desk.post(page, {"do": "replay", "since": f"{since:%Y-%m-%d %H:%M}"}).status_code == 302
    message.refresh_from_db()
    assert message.state == MessageState.WAITING
    for wrong in ("", "きのう", "2020-01-01 00:00", "2999-01-01 00:00"):
        assert desk.post(page, {"do": "replay", "since": wrong}).status_code == 400
    assert desk.post(page, {"do": "again", "message": "x"}).status_code == 404
    assert desk.post(page, {"do": "drop_tables"}).status_code == 302


PEOPLE = ["officer", "exporter", "approver", "auditor", "editor", "publisher", "other_officer", "admin"]


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_open_which_page(cast: Cast, client: Client, role: str) -> None:
    endpoint = make(cast)
    client.force_login(getattr(cast, role))
    may, own = role in {"officer", "exporter", "other_officer"}, role in {"officer", "exporter"}
    for name in ("exports:webhooks", "exports:new_webhook"):
        assert (client.get(reverse(name)).status_code == 200) is may
    for name in ("exports:webhook", "exports:edit_webhook"):
        assert (client.get(reverse(name, args=[endpoint.public_id])).status_code == 200) is own
    client.post(reverse("exports:webhook", args=[endpoint.public_id]), {"do": "stop"})
    endpoint.refresh_from_db()
    assert (endpoint.stopped_at is not None) is own


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    cast: Cast, desk: Client, settings: Settings, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        make(cast)
    desk.get(reverse("exports:webhooks"))
    with django_assert_max_num_queries(20):
        assert desk.get(reverse("exports:webhooks")).content.decode().count("基幹") >= 20
