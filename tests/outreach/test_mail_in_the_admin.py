"""送信メール in the admin: the officers of the department read it, and nobody else anything of it."""

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from applications.models import Event
from outreach.letters import ARRIVED
from outreach.mail import File, send, write
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
    return write(event, ARRIVED, files=[File("予定.ics", "text/calendar; method=REQUEST", b"BEGIN")])


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
    names = {pattern.name for pattern in MessageViewSet().get_urlpatterns()}
    assert names == {"index", "index_results", "inspect", "file", "again"}


def test_the_department_reads_what_went_along_with_a_mail(cast: Cast, message: Message, client: Client) -> None:
    client.force_login(cast.officer)
    link = reverse("messages:file", args=(message.pk, message.files.get().pk))
    _, text = page(client, "inspect", message.pk)
    assert link in text
    assert "予定.ics" in text
    assert "添付" in text
    response = client.get(link)
    assert (response.content, response["Content-Type"]) == (b"BEGIN", "text/calendar; method=REQUEST")
    assert response["Content-Disposition"].startswith("attachment")


def test_nobody_else_does(cast: Cast, message: Message, client: Client) -> None:
    link = reverse("messages:file", args=(message.pk, message.files.get().pk))
    assert client.get(link).status_code == 302
    for who in (cast.other_officer, cast.editor, cast.admin):
        client.force_login(who)
        assert client.get(link).status_code in (302, 404)
    client.force_login(cast.officer)
    other = reverse("messages:file", args=(message.pk + 1, message.files.get().pk))
    assert client.get(other).status_code == 404  # a file belongs to one mail


def test_files_go_out_with_the_mail_and_are_kept_once(message: Message, mailoutbox: list[EmailMessage]) -> None:
    again = write(message.event, ARRIVED, files=[File("予定.ics", "text/calendar", b"AGAIN")])
    assert again == message
    assert bytes(message.files.get().content) == b"BEGIN"
    send(message)
    send(message)
    (mail,) = mailoutbox
    (part,) = [part for part in mail.message().walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    assert part.get_payload(decode=True) == b"BEGIN"
