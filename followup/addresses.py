"""The resident's mail address, of a draft too."""

from django.utils import timezone

from applications.answers import opened
from applications.facts import facts_of
from applications.models import Application
from applications.status import Status
from followup.codes import digest_of_address
from followup.models import VerifiedAddress


def address_of(application: Application) -> str:
    """As it will be declared, or was; "" when there is none. Raises VaultError."""
    if application.status != Status.DRAFT:
        return application.email
    engine = application.version.engine
    return facts_of(engine, engine.state(opened(application), timezone.localdate()).answers).email


def is_verified(application: Application, address: str) -> bool:
    return VerifiedAddress.objects.filter(application=application, address_digest=digest_of_address(address)).exists()


def mark_verified(application: Application, address: str) -> None:
    """The resident was reached there. Safe to repeat."""
    VerifiedAddress.objects.get_or_create(application=application, address_digest=digest_of_address(address))


def masked(address: str) -> str:
    """Enough to know one's own address by."""
    local, _, domain = address.partition("@")
    return f"{local[0]}***@{domain}" if local else ""
