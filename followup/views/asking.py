"""What the pages that send mail have in common: reading an address, and how often it may be done."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.limits import network_of
from applications.models import Application
from followup import limits
from followup.codes import digest_of_address
from formbuilder.definition import FieldDef
from formbuilder.fields.email import EmailType
from formbuilder.japanese import Refused

TOO_OFTEN = gettext_noop(
    "短いあいだに何度もメールを送ったため、いまは送れません。"
    "届いたメールがないか、迷惑メールのフォルダーも確かめてください。しばらくしてから（1時間ほど）、もう一度送ってください。"
)
NO_ADDRESS = gettext_noop("メールアドレスを入力してください。")
_FIELD = FieldDef(key="mail", type="email", name="mail", label="メールアドレス")


class Unusable(Exception):
    """message: what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_address(typed: str) -> str:
    """As the item of a form reads it. Raises Unusable."""
    try:
        address = EmailType().normalise(_FIELD, typed[:1000])
    except Refused as refused:
        raise Unusable(refused.message) from refused
    if not address:
        raise Unusable(_(NO_ADDRESS))
    return str(address)


def may_mail(request: HttpRequest, application: Application, address: str) -> bool:
    """Counted against the network, the application and the mailbox; whose limit was reached is not told."""
    return (
        limits.requests_of_network().take(network_of(request))
        and limits.MAILS_OF_APPLICATION.take(str(application.pk))
        and limits.MAILS_TO_ADDRESS.take(digest_of_address(address))
    )
