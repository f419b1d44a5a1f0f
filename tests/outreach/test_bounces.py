"""Mails that fail, are refused or come back: what staff see of it, and how they go out once more."""

import mailbox
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from applications.models import Application, Delivery, DeliveryState, Event
from applications.outbox import BACKOFF, deliver_due
from casework.history import history_of
from outreach import bounces
from outreach.bounces import Outcome, read_maildir, return_path, take
from outreach.mail import send_again
from outreach.models import BounceTally, Message, MessageState
from tests.outreach.letterbox import Letterbox
from tests.support.cast import SOMEBODY, Cast, submit

ADDRESS = "hanako@example.jp"

# As Postfix writes it (RFC 3464), of a mail that another server refused
DSN = """\
Return-Path: <>
X-Original-To: {to}
Date: Sat, 28 Nov 2026 09:05:00 +0900 (JST)
From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4F2A1.1764288300/mx.example.jp"
Message-Id: <20261128000500.9A1B2C3D@mx.example.jp>

This is a MIME-encapsulated message.

--4F2A1.1764288300/mx.example.jp
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4F2A1.1764288300/mx.example.jp
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp
X-Postfix-Queue-ID: 4F2A1
Arrival-Date: Sat, 28 Nov 2026 09:04:58 +0900 (JST)

Final-Recipient: rfc822; hanako@example.jp
Original-Recipient: rfc822;hanako@example.jp
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.jp
Diagnostic-Code: smtp; {said}

--4F2A1.1764288300/mx.example.jp
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: =?utf-8?b?56qT5Y+j?= <noreply@example.jp>
To: hanako@example.jp

--4F2A1.1764288300/mx.example.jp--
"""


def report(to: str, *, action: str = "failed", status: str = "5.1.1", said: str = "550 5.1.1 User unknown") -> bytes:
    return DSN.format(to=to, action=action, status=status, said=said).replace("\n", "\r\n").encode()


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounce@city.example.jp"


def apply(cast: Cast, address: str = ADDRESS) -> Application:
    return submit(cast.form, {**SOMEBODY, "メールアドレス": address})


def sent(cast: Cast) -> Message:
    application = apply(cast)
    deliver_due()
    return Message.objects.get(application=application)


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]  # of the cast
    return client


def case_page(cast: Cast, message: Message) -> str:
    return client_of(cast.officer).get(f"/admin/cases/{message.application.public_id}/").content.decode()


def tally() -> dict[str, int]:
    return dict(BounceTally.objects.values_list("outcome", "count"))


# --- refused at once


def test_an_address_that_the_server_refuses_is_shown_at_once_and_not_tried_again(
    cast: Cast, letterbox: Letterbox
) -> None:
    letterbox.refusals[ADDRESS] = "550 5.1.1 User unknown"
    message = sent(cast)
    assert message.state == MessageState.BOUNCED and message.bounced_at is not None
    assert message.failure == "宛先のメールアドレスがありません（550 5.1.1 User unknown）"
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.DELIVERED}
    assert "メール「【みほん市】申請を受け付けました" in history_of(message.application)[-1].sentence
    page = case_page(cast, message)
    assert "メールが届かない宛先があります" in page and "550 5.1.1 User unknown" in page and ADDRESS in page
    assert "メール不着" in client_of(cast.officer).get("/admin/cases/").content.decode()


@pytest.mark.parametrize("answer", ["450 4.2.0 Greylisted", "554 5.7.1 Relay access denied"])
def test_what_is_put_off_or_our_own_mistake_is_tried_again(cast: Cast, letterbox: Letterbox, answer: str) -> None:
    letterbox.refusals[ADDRESS] = answer
    message = sent(cast)
    assert message.state == MessageState.WAITING and message.attempts == 1 and answer in message.failure
    assert "1回試しましたが、まだ送れていません" in case_page(cast, message)
    letterbox.refusals.clear()
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())
    deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.SENT and message.failure == "" and message.attempts == 2


def test_after_the_last_try_staff_are_told_why_and_can_send_it_again(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.answer = "451 4.3.0 disk full"
    message = sent(cast)
    for _ in BACKOFF:
        Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())
        deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.FAILED and message.attempts == len(BACKOFF) + 1
    page = case_page(cast, message)
    assert "8回試しましたが、送れませんでした：メールサーバーの返事：451 4.3.0 disk full" in page
    letterbox.answer = "250 OK"
    officer = client_of(cast.officer)
    assert "もう一度送る" in officer.get(f"/admin/messages/inspect/{message.pk}/").content.decode()
    officer.post(f"/admin/messages/inspect/{message.pk}/again/")
    deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.SENT and len(letterbox.letters) == 1


def test_a_worker_that_died_at_it_is_shown_too(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.answer = "451 later"
    message = sent(cast)
    Delivery.objects.update(state=DeliveryState.DEAD, last_error="WorkerKilled")
    assert "送れませんでした" in case_page(cast, message)
    letterbox.answer = "250 OK"
    assert send_again(message.pk)
    assert not send_again(message.pk)  # it waits already
    deliver_due()
    assert len(letterbox.letters) == 1
    assert not send_again(message.pk)  # it has gone out


def test_with_no_server_the_reason_says_so(cast: Cast, letterbox: Letterbox, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    assert sent(cast).failure == "メールサーバーにつながりません"


# --- comes back later


def test_each_mail_has_a_return_address_of_its_own_and_the_usual_sender(cast: Cast, letterbox: Letterbox) -> None:
    first, second = sent(cast), sent(cast)
    assert [letter.sender for letter in letterbox.letters] == [return_path(first.pk), return_path(second.pk)]
    assert letterbox.letters[0].sender.startswith(f"bounce+{first.pk}-")
    assert letterbox.letters[0]["From"] == "窓口 <noreply@example.jp>"
    assert len(letterbox.letters[0].sender.partition("@")[0]) <= 64


def test_without_an_address_for_bounces_mails_go_out_as_before(
    cast: Cast, letterbox: Letterbox, settings: Settings
) -> None:
    settings.BOUNCE_ADDRESS = ""
    sent(cast)
    assert letterbox.letters[0].sender == "noreply@example.jp"


def test_a_report_marks_its_mail_and_stands_in_the_history(cast: Cast, letterbox: Letterbox) -> None:
    message = sent(cast)
    assert take(report(letterbox.letters[0].sender)) == Outcome.BOUNCED
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert message.failure == "宛先のメールアドレスがありません（550 5.1.1 User unknown）"
    assert take(report(letterbox.letters[0].sender)) == Outcome.REPEATED
    assert Event.objects.filter(kind=bounces.BOUNCED).count() == 1
    assert ADDRESS not in str(Event.objects.get(kind=bounces.BOUNCED).data)
    assert tally() == {"bounced": 1, "repeated": 1}


def test_servers_may_write_the_address_in_capitals(cast: Cast, letterbox: Letterbox) -> None:
    sent(cast)
    assert take(report(letterbox.letters[0].sender.upper())) == Outcome.BOUNCED


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        ("5.2.2", "552 5.2.2 Mailbox full", "宛先のメールボックスに入りません"),
        ("4.4.7", "delivery time expired", "相手のメールサーバーに届けられません"),
        ("5.7.1", "550 5.7.1 Message rejected as spam", "相手のメールサーバーが受け取りを断りました"),
        ("5.0.0", "550 no", "届けられませんでした"),
    ],
)
def test_the_reason_is_told_in_words(cast: Cast, letterbox: Letterbox, status: str, said: str, words: str) -> None:
    message = sent(cast)
    take(report(letterbox.letters[0].sender, status=status, said=said))
    message.refresh_from_db()
    assert message.failure == f"{words}（{said}）"


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_mail_that_is_late_or_delivered_has_not_come_back(cast: Cast, letterbox: Letterbox, action: str) -> None:
    message = sent(cast)
    assert take(report(letterbox.letters[0].sender, action=action, status="4.4.1")) == Outcome.ON_ITS_WAY
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_forged_reports_change_nothing_and_are_counted(cast: Cast, letterbox: Letterbox) -> None:
    message = sent(cast)
    good = letterbox.letters[0].sender
    forged = [
        good.replace("-", "-a", 1)[:-1],
        good.replace(f"+{message.pk}-", f"+{message.pk + 1}-"),
        f"bounce+{message.pk}-aaaaaaaaaaaaaaaa@city.example.jp",
        f"bounce+{10**17}-aaaaaaaaaaaaaaaa@city.example.jp",
        "bounce@city.example.jp",
        good.replace("bounce+", "other+"),
        "",
    ]
    for address in forged:
        assert take(report(address)) == Outcome.FORGED, address
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert tally() == {"forged": len(forged)}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Content-Type: multipart/report; boundary=\r\n\r\n",
        b"To: bounce+1-aaaaaaaaaaaaaaaa@city.example.jp\r\nContent-Type: message/delivery-status\r\n\r\nAction\r\n",
        b"Subject: =?utf-8?b?!!!?=\r\nTo: =?x?q?=\r\n\r\n",
        b"To: " + b"a," * 100_000,
        "To: bounce+1-\u017faaaaaaaaaaaaaaa@city.example.jp\r\n\r\n".encode(),
    ],
)
def test_whatever_comes_in_is_counted_and_stops_nothing(db: None, raw: bytes) -> None:
    assert take(raw) == Outcome.FORGED


def nested(to: str) -> bytes:
    """A mail that the parser of the standard library cannot read."""
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(2000))
    return f"To: {to}\r\n{parts}".encode()


def test_parts_inside_parts_without_end_are_counted_and_removed(
    cast: Cast, letterbox: Letterbox, tmp_path: Path
) -> None:
    sent(cast)
    box = mailbox.Maildir(str(tmp_path / "box"))
    for to in ("bounce@city.example.jp", letterbox.letters[0].sender):
        box.add(nested(to))
    box.add(report(letterbox.letters[0].sender))
    assert read_maildir(str(tmp_path / "box")) == 3 and len(box) == 0
    assert tally() == {"forged": 1, "unreadable": 1, "bounced": 1}


def test_an_address_in_letters_that_only_look_like_ours_is_forged(db: None) -> None:
    assert take(b"", "bounce+1-\u017faaaaaaaaaaaaaaa@city.example.jp") == Outcome.FORGED


def test_an_answer_by_a_person_or_a_machine_is_no_report(cast: Cast, letterbox: Letterbox) -> None:
    message = sent(cast)
    to = letterbox.letters[0].sender
    vacation = f"To: {to}\r\nAuto-Submitted: auto-replied\r\nSubject: out of office\r\n\r\nAction: failed\r\n"
    assert take(vacation.encode()) == Outcome.NO_REPORT
    head = f"To: {to}\r\nContent-Type: multipart/report; boundary=x\r\n\r\n"
    empty = f"{head}--x\r\nContent-Type: message/delivery-status\r\n"
    assert take(empty.encode()) == Outcome.NO_REPORT
    message.refresh_from_db()
    assert message.state == MessageState.SENT


# --- who sees what


def test_a_bounced_mail_can_be_sent_again_once_the_mailbox_is_there(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.refusals[ADDRESS] = "550 5.1.1 User unknown"
    message = sent(cast)
    letterbox.refusals.clear()
    client_of(cast.approver).post(f"/admin/messages/inspect/{message.pk}/again/")
    deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.SENT and message.bounced_at is None
    assert "メール不着" not in client_of(cast.officer).get("/admin/cases/").content.decode()


def test_nobody_of_another_department_and_no_auditor_sends_again(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.refusals[ADDRESS] = "550 5.1.1 User unknown"
    message = sent(cast)
    url = f"/admin/messages/inspect/{message.pk}/again/"
    assert client_of(cast.other_officer).post(url).status_code == 404
    assert client_of(cast.auditor).post(url).status_code in (302, 403)
    assert client_of(cast.officer).get(url).status_code == 405
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert "もう一度送る" not in client_of(cast.auditor).get(f"/admin/messages/inspect/{message.pk}/").content.decode()


def test_the_list_can_show_those_in_trouble_alone(cast: Cast, letterbox: Letterbox) -> None:
    good = sent(cast)
    letterbox.refusals["gone@example.jp"] = "550 5.1.1 User unknown"
    apply(cast, "gone@example.jp")
    deliver_due()
    text = client_of(cast.officer).get("/admin/messages/?state=failed&state=bounced").content.decode()
    assert "gone@example.jp" in text and good.to not in text
    assert "gone@example.jp" not in client_of(cast.other_officer).get("/admin/messages/?state=bounced").content.decode()


def test_the_first_page_counts_them_for_their_department(cast: Cast, letterbox: Letterbox) -> None:
    letterbox.refusals[ADDRESS] = "550 5.1.1 User unknown"
    sent(cast)
    assert "届いていないメール" in client_of(cast.officer).get("/admin/").content.decode()
    assert "届いていないメール" not in client_of(cast.other_officer).get("/admin/").content.decode()


def test_the_case_list_asks_once_for_all_its_rows(cast: Cast, letterbox: Letterbox) -> None:
    for _ in range(3):
        sent(cast)
    client = client_of(cast.officer)
    client.get("/admin/cases/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/cases/")
    assert sum("outreach_message" in query["sql"] for query in asked.captured_queries) == 1
