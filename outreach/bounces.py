"""Mails that could not be delivered: refused at once, or sent back later to the return address of that one mail.

Each mail has a return address of its own (VERP), signed, so that nobody can have a mail called undeliverable that they
have not got. What comes back is a delivery status notification (RFC 3464).
"""

import hmac
import mailbox
import re
import smtplib
from base64 import b32encode
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message as Part
from email.parser import BytesHeaderParser
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from applications.lifecycle import record
from formbuilder.japanese.text import clean_line
from outreach.models import BounceTally, Message, MessageState

BOUNCED = "mail_bounced"  # the event
LARGEST = 1024**2  # bytes of a mail that are looked at
BATCH = 200
LONGEST = 300  # characters of a reason
# ASCII: else ſ and the sign for Kelvin are letters as well
_TOKEN = re.compile(r"\+([0-9]{1,18})-([a-z2-7]{16})@", re.IGNORECASE | re.ASCII)
_STATUS = re.compile(r"\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
# where a mail server writes the address that a mail came in for
_ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_REASONS = {
    "1": "宛先のメールアドレスがありません",
    "2": "宛先のメールボックスに入りません",
    "4": "相手のメールサーバーに届けられません",
    "7": "相手のメールサーバーが受け取りを断りました",
}


class Outcome(StrEnum):
    """What a mail to the address for bounces turned out to be; kept in the tally."""

    BOUNCED = "bounced"  # a mail of ours came back
    REPEATED = "repeated"  # that is known already
    ON_ITS_WAY = "on_its_way"  # delayed, or delivered after all
    FORGED = "forged"  # not an address that we made
    NO_REPORT = "no_report"  # a vacation notice, an advertisement
    UNREADABLE = "unreadable"  # such as thousands of parts inside one another


LABELS = {
    Outcome.BOUNCED: "届かなかったメール",
    Outcome.REPEATED: "同じ知らせ（2回目から）",
    Outcome.ON_ITS_WAY: "遅れ・配達の知らせ",
    Outcome.FORGED: "宛先が正しくないもの（無視）",
    Outcome.NO_REPORT: "配達の知らせではないもの（無視）",
    Outcome.UNREADABLE: "読み取れないもの（無視）",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a notification says of its one recipient."""

    is_failure: bool
    reason: str


def return_path(pk: int) -> str:
    """Where this message comes back to; the sender's own address where none is set up for bounces."""
    local, at, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{pk}-{_mark(pk)}@{domain}" if at else settings.DEFAULT_FROM_EMAIL


def _mark(pk: int) -> str:
    """80 bits in letters that mail servers may turn into capitals."""
    digest = salted_hmac("outreach.bounces", str(pk), algorithm="sha256").digest()
    return b32encode(digest[:10]).decode().lower()


def is_refused_for_good(problem: Exception) -> bool:
    """Whether the server says that this recipient gets no mail, ever: 5xx to RCPT.

    Not 5.7: that is about who sends, such as a relay that does not know us, and is mended here.
    """
    if not isinstance(problem, smtplib.SMTPRecipientsRefused):
        return False
    code, said = next(iter(problem.recipients.values()))
    status = _STATUS.search(_text(said))
    return 500 <= code < 600 and not (status and status.group(2) == "7")


def refusal(problem: Exception) -> str:
    """Why a mail did not go out, in words; of what the server said only its answer."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(problem.recipients.values()))
        return _reason(f"{code} {_text(said)}")
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"メールサーバーの返事：{problem.smtp_code} {clean_line(_text(problem.smtp_error))}"[:LONGEST]
    return "メールサーバーにつながりません"


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _reason(said: str, status: str = "") -> str:
    found = _STATUS.search(status) or _STATUS.search(said)
    words = _REASONS.get(found.group(2), "") if found else ""
    return f"{words or '届けられませんでした'}（{clean_line(said)}）"[:LONGEST]


# --- what comes back


def take(raw: bytes, recipient: str = "") -> Outcome:
    """Look at one mail that came in for the address for bounces. recipient: of its envelope, where that is known."""
    outcome = _taken(raw[:LARGEST], recipient)
    with transaction.atomic():
        tally, _ = BounceTally.objects.get_or_create(outcome=outcome)
        BounceTally.objects.filter(pk=tally.pk).update(count=F("count") + 1, last_at=timezone.now())
    return outcome


def _taken(raw: bytes, recipient: str) -> Outcome:
    try:
        pk = _addressed_to(raw, recipient)
        if pk is None:
            return Outcome.FORGED
        report = report_in(message_from_bytes(raw, policy=policy.compat32))
    except Exception:  # noqa: BLE001 - the parser gives up in many ways; one mail must not stop the others
        return Outcome.UNREADABLE
    if report is None:
        return Outcome.NO_REPORT
    if not report.is_failure:
        return Outcome.ON_ITS_WAY
    return Outcome.BOUNCED if note_bounce(pk, report.reason) else Outcome.REPEATED


def _addressed_to(raw: bytes, recipient: str) -> int | None:
    """The message that a mail is about. Of what anybody may have sent, only the header is looked at for that."""
    header = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    addresses = [recipient, *(str(value) for name in _ADDRESSED for value in header.get_all(name, []))]
    return next((pk for address in addresses if (pk := _message_of(address)) is not None), None)


def _message_of(address: str) -> int | None:
    """The message whose return address that is; None for whatever we have not made ourselves."""
    local = settings.BOUNCE_ADDRESS.partition("@")[0]
    for found in _TOKEN.finditer(address):
        is_ours = bool(local) and address[: found.start()].lower().endswith(local.lower())
        pk = int(found.group(1))
        if is_ours and hmac.compare_digest(found.group(2).lower(), _mark(pk)):
            return pk
    return None


def report_in(mail: Part) -> Report | None:
    """What a delivery status notification says; None when it is none."""
    if mail.get_content_type() != "multipart/report":
        return None
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            inside = blocks if isinstance(blocks, list) else []
            found = [block for block in inside if isinstance(block, Part) and "Action" in block]
            if found:
                return _report(found[0])
    return None


def _report(block: Part) -> Report:
    said = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    is_failure = str(block["Action"]).strip().lower() == "failed"
    return Report(is_failure, _reason(said, str(block.get("Status", ""))))


@transaction.atomic
def note_bounce(pk: int, reason: str) -> bool:
    """Write down that the message came back, in the history of its application too; False when that is known."""
    message = Message.objects.select_for_update(of=("self",)).select_related("application").filter(pk=pk).first()
    if message is None or message.state == MessageState.BOUNCED:
        return False
    message.state, message.bounced_at, message.failure = MessageState.BOUNCED, timezone.now(), reason
    message.save(update_fields=["state", "bounced_at", "failure"])
    sentence = f"メール「{message.subject}」を送りましたが、届きませんでした"
    record(message.application, BOUNCED, data={"message": message.pk, "sentence": sentence})
    return True


def read_maildir(path: str = "") -> int:
    """Take every mail of a Maildir folder, and remove it; how many. For the worker, in any number."""
    path = path or settings.BOUNCE_MAILDIR
    if not path:
        return 0
    box, count = mailbox.Maildir(path, create=False), 0
    for key in list(box.keys())[:BATCH]:
        try:
            raw = box.get_bytes(key)
        except (KeyError, FileNotFoundError):  # another worker was first
            continue
        take(raw)
        box.discard(key)
        count += 1
    return count
