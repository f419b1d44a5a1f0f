"""The list of 送信メール and one of them, as they are shown to an officer."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Event
from outreach.letters import ARRIVED
from outreach.mail import write
from outreach.models import Message, MessageState
from records.models import Look, Seen
from tests.support.cast import SOMEBODY, Cast, submit

AT = datetime(2026, 11, 22, 20, 50, tzinfo=UTC)
SHOWN = "2026年11月23日 5時50分"


@pytest.fixture
def message(cast: Cast, client: Client) -> Message:
    client.force_login(cast.officer)
    event = Event.objects.get(application=submit(cast.form, SOMEBODY), kind="arrived")
    message = write(event, ARRIVED)
    Message.objects.update(created_at=AT)
    return message


def shown(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(f"messages:{name}", args=args)).content.decode()


def test_times_are_those_of_the_clock_on_the_wall(message: Message, client: Client) -> None:
    assert shown(client, "inspect", message.pk).count(SHOWN) == 1
    assert "送信待ち" in shown(client, "inspect", message.pk)
    Message.objects.update(state=MessageState.SENT, sent_at=AT)
    assert shown(client, "inspect", message.pk).count(SHOWN) == 2
    assert SHOWN in shown(client, "index")
    assert SHOWN in shown(client, "index_results")


def test_the_body_keeps_its_lines_and_is_never_html(message: Message, client: Client) -> None:
    Message.objects.update(body="一\n二\n\n<b>三</b> & 四\n")
    assert "<p>一<br>二</p>\n\n<p>&lt;b&gt;三&lt;/b&gt; &amp; 四" in shown(client, "inspect", message.pk)


def test_a_mail_leads_to_its_case(message: Message, client: Client) -> None:
    url = reverse("casework:case", args=[message.application.public_id])
    assert f'<a href="{url}">{message.application.reference}</a>' in shown(client, "inspect", message.pk)
    assert client.get(url).status_code == 200


def test_the_list_counts_in_japanese(message: Message, client: Client) -> None:
    text = shown(client, "index")
    assert "1件" in text
    assert "1 送信メール" not in text


def test_who_opens_a_mail_has_looked_at_the_application(message: Message, client: Client) -> None:
    shown(client, "inspect", message.pk)
    (look,) = Look.objects.all()
    assert (look.seen, look.reference) == (Seen.MAIL, message.application.reference)
