"""The link in the mail: whoever has it may look at the reservation, move it and cancel it, without an account."""

from django.conf import settings
from django.urls import reverse

from applications.models import Application
from applications.signed import signer, unsigned

SIGNER = signer("reservations.link")


def token_of(application: Application) -> str:
    """The application's own unguessable id, signed. Nobody who knows the id alone can make it."""
    return SIGNER.sign(application.public_id)


def application_of(token: str) -> Application | None:
    """None for whatever we have not signed ourselves."""
    public_id = unsigned(token, SIGNER)
    if public_id is None:
        return None
    return Application.objects.select_related("version", "department", "form").filter(public_id=public_id).first()


def url_of(application: Application) -> str:
    """As it stands in a mail."""
    return f"{settings.BASE_URL}{reverse('reservation', kwargs={'token': token_of(application)})}"
