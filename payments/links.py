"""The link to pay, to see what was paid and to keep the receipt: whoever has it may do so, without an account."""

from django.conf import settings
from django.urls import reverse

from applications.models import Application
from applications.signed import signer, unsigned

SIGNER = signer("payments.link")


def token_of(application: Application) -> str:
    """The application's own unguessable id, signed. Nobody who knows the id alone can make it."""
    return SIGNER.sign(application.public_id)


def application_of(token: str) -> Application | None:
    """None for whatever we have not signed ourselves."""
    public_id = unsigned(token, SIGNER)
    if public_id is None:
        return None
    return Application.objects.select_related("version", "department", "form").filter(public_id=public_id).first()


def path_of(application: Application, name: str = "payment") -> str:
    return reverse(name, kwargs={"token": token_of(application)})


def url_of(application: Application, name: str = "payment") -> str:
    """As it stands in a mail, or as the provider leads back."""
    return f"{settings.BASE_URL}{path_of(application, name)}"
