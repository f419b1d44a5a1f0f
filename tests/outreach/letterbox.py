"""The handler of a mail server (aiosmtpd) that keeps what it is given."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Letter:
    """As a mail program reads it. recipients, sender: of the envelope, which nobody sees."""

    recipients: list[str]
    message: EmailMessage
    sender: str

    @property
    def text(self) -> str:
        content: str = self.message.get_content()
        return content

    def __getitem__(self, header: str) -> str:
        return str(self.message[header]).strip()  # a long header begins on a line of its own


@dataclass
class Letterbox:
    """answer: to the whole mail; refusals: address -> answer to that recipient."""

    letters: list[Letter] = field(default_factory=list)
    answer: str = "250 OK"
    refusals: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        if self.answer.startswith("2"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.letters.append(Letter(list(envelope.rcpt_tos), message, envelope.mail_from or ""))
        return self.answer
