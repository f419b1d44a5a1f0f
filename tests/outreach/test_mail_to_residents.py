"""The mail that follows an application, sent to a real SMTP server."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from applications.lifecycle import declare
from applications.models import Application, Delivery, DeliveryState, Event
from applications.outbox import deliver_due
from cms.models import Department
from formbuilder.fields.email import EmailType
from formbuilder.japanese import Refused
from outreach.letters import ARRIVED
from outreach.mail import send, write
from outreach.models import Message, MessageState
from outreach.subscriber import ResidentMail
from tests.outreach.letterbox import Letterbox
from tests.support.cast import SOMEBODY, Cast, current_version, draft, item, make_form, submit

ADDRESS = "hanako@example.jp"
WITH_ADDRESS = {**SOMEBODY, "メールアドレス": ADDRESS}


def apply(cast: Cast, address: str = ADDRESS) -> Application:
    return submit(cast.form, {**SOMEBODY, "メールアドレス": address})


def later() -> None:
    """The next try is due."""
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())


def test_the_resident_gets_a_mail_with_the_number_in_japanese(cast: Cast, letterbox: Letterbox) -> None:
    Department.objects.filter(pk=cast.children.pk).update(phone="025-000-0000", email="kodomo@example.jp")
    application = apply(cast)
    deliver_due()
    (letter,) = letterbox.letters
    assert letter["Subject"] == f"【みほん市】申請を受け付けました（受付番号 {application.reference}）"
    assert letter["To"] == ADDRESS
    assert letter["From"] == "窓口 <noreply@example.jp>"
    assert letter.recipients == [ADDRESS]
    for text in ("見本 花子 様", "出産応援ギフト", str(application.reference), "こども家庭課", "電話 025-000-0000"):
        assert text in letter.text
    received = timezone.localtime(application.received_at)
    assert f"{received:%Y}年{received.month}月{received.day}日" in letter.text


def test_nothing_that_is_shown_in_the_mail_is_written_as_html(cast: Cast, letterbox: Letterbox) -> None:
    form = make_form(cast.children, title="A&B <給付> \"試験\" 'x'", code="and")
    submit(form, {**WITH_ADDRESS, "氏名": {"family": "O'Brien", "given": "<花子>"}})
    deliver_due()
    (letter,) = letterbox.letters
    assert "A&B <給付> \"試験\" 'x'" in letter.text
    assert "O'Brien <花子> 様" in letter.text
    assert letter.message.get_content_type() == "text/plain"


def test_rare_characters_arrive_as_they_were_written(cast: Cast, letterbox: Letterbox) -> None:
    submit(cast.form, {**WITH_ADDRESS, "氏名": {"family": "𠮷田髙﨑", "given": "邉󠄀"}})
    deliver_due()
    assert "𠮷田髙﨑 邉󠄀 様" in letterbox.letters[0].text


def test_a_long_line_of_the_editors_arrives_whole(cast: Cast, letterbox: Letterbox) -> None:
    """Mail servers cut lines of more than 998 bytes, or refuse them."""
    long = "あいうえお" * 500
    form = make_form(cast.children, code="long")
    form.after = f"<p>{long}</p><ul><li>一</li><li>二</li></ul>"
    form.save_revision().publish()
    submit(form, WITH_ADDRESS)
    deliver_due()
    assert long in letterbox.letters[0].text
    assert "<" not in letterbox.letters[0].text


def test_without_an_address_nothing_is_sent(cast: Cast, letterbox: Letterbox) -> None:
    submit(cast.form)
    deliver_due()
    assert letterbox.letters == []
    assert not Message.objects.exists()
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.DELIVERED}


def test_a_mail_goes_out_once_however_often_its_event_is_delivered(cast: Cast, letterbox: Letterbox) -> None:
    apply(cast)
    deliver_due()
    event = Event.objects.get(kind="arrived")
    for _ in range(3):
        ResidentMail().deliver(event)
    Delivery.objects.update(state=DeliveryState.WAITING, due_at=timezone.now())
    deliver_due()
    assert len(letterbox.letters) == 1
    assert Message.objects.count() == 1


def test_declaring_twice_sends_one_mail(cast: Cast, letterbox: Letterbox) -> None:
    application = apply(cast)
    declare(application.pk, revision=application.revision)
    deliver_due()
    assert len(letterbox.letters) == 1


def test_the_worker_sends_what_is_due(cast: Cast, letterbox: Letterbox) -> None:
    apply(cast)
    call_command("work", "--once")
    assert len(letterbox.letters) == 1


# --- a server that does not take it


def is_waiting() -> bool:
    delivery = Delivery.objects.get(event__kind="arrived", subscriber=ResidentMail.name)
    message = Message.objects.get()
    assert message.sent_at is None
    return message.state == MessageState.WAITING and delivery.state == DeliveryState.WAITING


def test_a_mail_that_the_server_puts_off_is_sent_later(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.answer = "451 try again later"
    apply(cast)
    deliver_due()
    assert is_waiting()
    assert Delivery.objects.get(subscriber=ResidentMail.name).due_at > timezone.now() + timedelta(seconds=30)
    assert deliver_due() == 0
    letterbox.answer = "250 OK"
    later()
    deliver_due()
    assert len(letterbox.letters) == 1
    message = Message.objects.get()
    assert message.state == MessageState.SENT
    assert message.sent_at is not None


def test_with_no_server_at_all_nothing_is_lost(cast: Cast, letterbox: Letterbox, settings: Settings) -> None:
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    application = apply(cast)
    deliver_due()
    assert application.reference  # the application has arrived all the same
    assert is_waiting()
    assert "ConnectionRefusedError" in Delivery.objects.get(subscriber=ResidentMail.name).last_error
    settings.EMAIL_PORT = there
    later()
    deliver_due()
    assert len(letterbox.letters) == 1


def test_one_mail_that_cannot_be_sent_holds_up_no_other(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.answer = "550 no such mailbox"
    apply(cast, "gone@example.jp")
    deliver_due()
    letterbox.answer = "250 OK"
    apply(cast, "here@example.jp")
    deliver_due()
    assert [letter.recipients for letter in letterbox.letters] == [["here@example.jp"]]


def test_a_message_that_was_written_keeps_its_words_when_the_form_changes_before_it_is_sent(
    cast: Cast, letterbox: Letterbox
) -> None:
    letterbox.answer = "451 try again later"
    apply(cast)
    deliver_due()
    Department.objects.filter(pk=cast.children.pk).update(name="べつの課")
    letterbox.answer = "250 OK"
    later()
    deliver_due()
    assert "こども家庭課" in letterbox.letters[0].text
    assert letterbox.letters[0].text.split() == Message.objects.get().body.split()


# --- addresses


@pytest.mark.parametrize(
    "address",
    [
        "hanako..m@docomo.example.jp",
        "hanako.@ezweb.example.jp",
        "a+b_c-d@sub.example.jp",
        "o'brien@example.jp",
        "1@x.jp",
    ],
)
def test_every_address_that_the_form_takes_can_be_written_to(cast: Cast, letterbox: Letterbox, address: str) -> None:
    """Japanese carriers gave out addresses that break RFC 5321."""
    apply(cast, address)
    deliver_due()
    (letter,) = letterbox.letters
    local, _, domain = address.partition("@")
    assert letter.recipients in ([address], [f'"{local}"@{domain}'])


INJECTIONS = [
    "a@example.jp\r\nBcc: other@example.jp",
    "a@example.jp\nBcc: other@example.jp",
    "a@example.jp%0aBcc:other@example.jp",
    "a@example.jp, other@example.jp",
    "a@example.jp;other@example.jp",
    "a@example.jp other@example.jp",
    "<a@example.jp>",
    "A <a@example.jp>",
    "a@example.jp>\r\nRCPT TO:<other@example.jp",
    '"a\r\nBcc: x"@example.jp',
    "a@example.jp\x00",
    "a@[127.0.0.1]",
    "a@localhost",
]


@pytest.mark.parametrize("address", INJECTIONS)
def test_an_address_that_would_write_a_header_or_to_somebody_else_is_not_taken(cast: Cast, address: str) -> None:
    (email,) = (each for each in current_version(cast.form).engine.definition.fields() if each.type == "email")
    try:
        taken = EmailType().normalise(email, address)
    except Refused:
        return
    assert taken == "a@example.jp"


@pytest.mark.parametrize("address", INJECTIONS)
def test_even_past_the_form_no_such_address_reaches_anybody_else(
    cast: Cast, letterbox: Letterbox, address: str
) -> None:
    """As if the check of the form were not there."""
    application = apply(cast)
    Application.objects.filter(pk=application.pk).update(email=address.replace("\x00", ""))
    deliver_due()
    assert not any("other@example.jp" in recipient for letter in letterbox.letters for recipient in letter.recipients)
    assert not any(letter.message["Bcc"] for letter in letterbox.letters)


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(local=st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}", fullmatch=True))
def test_any_address_of_the_forms_own_making_is_sent_to(cast: Cast, letterbox: Letterbox, local: str) -> None:
    letterbox.letters.clear()
    apply(cast, f"{local}@example.jp")
    deliver_due()
    (letter,) = letterbox.letters
    (recipient,) = letter.recipients
    assert recipient.replace('"', "") == f"{local}@example.jp"


def test_a_number_of_lines_in_a_title_makes_one_subject(cast: Cast, letterbox: Letterbox, settings: Settings) -> None:
    settings.WAGTAIL_SITE_NAME = "みほん市\r\nBcc: other@example.jp"
    apply(cast)
    deliver_due()
    for letter in letterbox.letters:
        assert letter.message["Bcc"] is None
        assert letter.recipients == [ADDRESS]
    (message,) = Message.objects.all()
    assert "\n" not in message.subject


def test_a_sensitive_address_is_not_copied_and_nothing_is_sent_to_it(cast: Cast, letterbox: Letterbox) -> None:
    form = make_form(cast.children, code="secret", steps={"一": [item("email", "連絡先", sensitive=True)]})
    submit(form, {"連絡先": ADDRESS})
    deliver_due()
    assert letterbox.letters == []
    assert Application.objects.get().email == ""


def test_what_is_written_once_is_not_written_again(cast: Cast, letterbox: Letterbox) -> None:
    apply(cast)
    event = Event.objects.get(kind="arrived")
    first = write(event, ARRIVED, lambda: {"受付日時": "一"})
    assert write(event, ARRIVED, lambda: {"受付日時": "二"}).pk == first.pk
    send(first)
    send(first)
    assert len(letterbox.letters) == 1


def test_a_draft_that_was_never_declared_sends_nothing(cast: Cast, letterbox: Letterbox) -> None:
    draft(cast.form, WITH_ADDRESS)
    assert deliver_due() == 0
    assert letterbox.letters == []
