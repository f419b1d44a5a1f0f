"""How reports of mails that came back get here: from a folder, from a mailbox at a provider, from a mail server."""

import imaplib
import io
import mailbox
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from pytest_django import Settings

from outreach.bounces import Outcome, read_maildir
from outreach.imap import read_mailbox
from outreach.models import MessageState
from tests.outreach.letterbox import Letterbox
from tests.outreach.test_bounces import report, sent, tally
from tests.support.cast import Cast
from tests.support.imap import Mailbox, serving


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounce@city.example.jp"


def test_the_worker_reads_a_maildir_and_empties_it(
    cast: Cast, letterbox: Letterbox, settings: Settings, tmp_path: Path
) -> None:
    message = sent(cast)
    box = mailbox.Maildir(str(tmp_path / "box"))
    box.add(report(letterbox.letters[0].sender))
    box.add(b"Subject: advertisement\r\n\r\n")
    settings.BOUNCE_MAILDIR = str(tmp_path / "box")
    assert read_maildir() == 2
    assert len(box) == 0 and read_maildir() == 0
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED


def test_the_worker_reads_a_mailbox_at_a_provider_and_empties_it(
    cast: Cast, letterbox: Letterbox, settings: Settings
) -> None:
    message = sent(cast)
    with serving(Mailbox({7: report(letterbox.letters[0].sender), 9: b"Subject: advertisement\r\n\r\n"})) as box:
        settings.BOUNCE_IMAP = f"imap://bounce%40city:se%2Fcret@127.0.0.1:{box.port}/INBOX"
        assert read_mailbox() == 2
        assert box.mails == {} and read_mailbox() == 0
        for wrong in ("imap://bounce%40city:no@127.0.0.1:{}", "imap://bounce%40city:se%2Fcret@127.0.0.1:{}/Elsewhere"):
            with pytest.raises(imaplib.IMAP4.error):
                read_mailbox(wrong.format(box.port))
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    settings.BOUNCE_IMAP = ""
    assert read_mailbox() == 0
    jobs = {job for _, job in settings.WORKER_LANES["bounces"]}
    assert jobs == {"outreach.bounces.read_maildir", "outreach.imap.read_mailbox"}


def test_a_report_that_the_mailbox_does_not_hand_over_stays_for_the_next_time(cast: Cast, letterbox: Letterbox) -> None:
    sent(cast)
    lying = {7: report(letterbox.letters[0].sender), 8: b"", 9: b"Subject: advertisement\r\n\r\n"}
    with serving(Mailbox(lying, withheld={7})) as box:
        address = f"imap://bounce%40city:se%2Fcret@127.0.0.1:{box.port}"
        assert read_mailbox(address) == 1
        assert set(box.mails) == {7, 8} and tally() == {"forged": 1}
        box.withheld.clear()
        assert read_mailbox(address) == 1 and set(box.mails) == {8}
    assert tally() == {"forged": 1, "bounced": 1}


def test_the_password_does_not_leave_this_machine_in_clear() -> None:
    with serving(Mailbox()) as box:
        # another name for it, as little known to be this machine as that of a provider
        with pytest.raises(imaplib.IMAP4.error, match="TLS"):
            read_mailbox(f"imap://bounce%40city:se%2Fcret@0.0.0.0:{box.port}")
        assert not any("LOGIN" in command for command in box.heard)
        assert read_mailbox(f"imap://bounce%40city:se%2Fcret@localhost:{box.port}") == 0


def test_a_mail_server_hands_over_one_on_stdin(
    cast: Cast, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = sent(cast)
    to = letterbox.letters[0].sender
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report("someone@city.example.jp"))))
    call_command("bounces", recipient=to)
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    call_command("bounces", show=True)
    assert "届かなかったメール: 1" in capsys.readouterr().out


def test_while_the_database_is_away_the_mail_server_keeps_the_report(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(raw: bytes, recipient: str) -> Outcome:
        raise OperationalError

    monkeypatch.setattr("outreach.management.commands.bounces.take", away)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(CommandError) as stopped:
        call_command("bounces")
    assert stopped.value.returncode == 75
