"""The link in the mail: whoever has it may look at the reservation, move it and cancel it, without an account."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from applications.models import PUBLIC_ID, Application

# "." is in none of the two halves, and no mail program takes it for the end of an address inside one
SIGNER = Signer(salt="reservations.link", sep=".")
LONGEST = 100  # characters


def token_of(application: Application) -> str:
    """The application's own unguessable id, signed. Nobody who knows the id alone can make it."""
    return SIGNER.sign(application.public_id)


def application_of(token: str) -> Application | None:
    """None for whatever we have not signed ourselves."""
    if len(token) > LONGEST:
        return None
    try:
        public_id = SIGNER.unsign(token)
    except BadSignature:
        return None
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    return Application.objects.select_related("version", "department", "form").filter(public_id=public_id).first()


def url_of(application: Application) -> str:
    """As it stands in a mail."""
    return f"{settings.BASE_URL}{reverse('reservation', kwargs={'token': token_of(application)})}"
