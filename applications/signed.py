"""An unguessable id with our signature, for links in mails: who knows the id alone cannot make the link."""

from django.core.signing import BadSignature, Signer

from applications.models import PUBLIC_ID

LONGEST = 100  # characters


def signer(salt: str) -> Signer:
    """salt: of one kind of link, so that none opens what another is for."""
    # "." is in none of the two halves, and no mail program takes it for the end of an address inside one
    return Signer(salt=salt, sep=".")


def unsigned(token: str, by: Signer) -> str | None:
    """The public id; None for whatever we have not signed ourselves."""
    if len(token) > LONGEST:
        return None
    try:
        public_id = by.unsign(token)
    except BadSignature:
        return None
    return public_id if PUBLIC_ID.fullmatch(public_id) else None
