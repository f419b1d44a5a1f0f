"""送信メール in the admin: the officers of the department read it, and nobody else anything of it."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Event
from outreach.mail import write
from outreach.models import Message
from outreach.wagtail_hooks import MessageViewSet
from tests.support.cast import SOMEBODY, Cast, make_cast, submit

MAIL = "resident@example.jp"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def message(cast: Cast) -> Message:
    application = submit(cast.form, {**SOMEBODY, "メールアドレス": MAIL})
    event = Event.objects.get(application=application, kind="arrived")
    return write(event, "arrived", {"title": "出産応援ギフト", "department": cast.children, "after": ""})


def page(client: Client, name: str, *args: object) -> tuple[int, str]:
    response = client.get(reverse(f"messages:{name}", args=args))
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("who", ["officer", "approver", "auditor"])
def test_the_department_reads_its_mails(cast: Cast, message: Message, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    status, text = page(client, "index")
    assert (status, MAIL in text) == (200, True)
    status, text = page(client, "inspect", message.pk)
    assert status == 200
    assert str(message.application.reference) in text


def test_another_department_finds_nothing_of_it(cast: Cast, message: Message, client: Client) -> None:
    client.force_login(cast.other_officer)
    for name in ("index", "index_results"):
        status, text = page(client, name)
        assert status == 200
        assert MAIL not in text
        assert message.subject not in text
    status, text = page(client, "inspect", message.pk)
    assert status == 404
    assert MAIL not in text
    found = client.get(reverse("messages:index"), {"q": "resident"}).content.decode()
    assert MAIL not in found


@pytest.mark.parametrize("who", ["editor", "publisher", "exporter", "admin"])
def test_who_has_no_such_role_is_turned_away(cast: Cast, message: Message, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    for name, args in (("index", ()), ("index_results", ()), ("inspect", (message.pk,))):
        status, text = page(client, name, *args)
        assert status in (302, 404)
        assert MAIL not in text


def test_a_visitor_is_asked_to_log_in(message: Message, client: Client) -> None:
    response = client.get(reverse("messages:inspect", args=(message.pk,)))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_there_is_no_other_view_of_a_mail() -> None:
    """Wagtail would add views to create, change, delete, and to show history and usage."""
    assert {pattern.name for pattern in MessageViewSet().get_urlpatterns()} == {"index", "index_results", "inspect"}
