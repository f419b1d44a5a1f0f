"""The signature becomes part of the application: the only writer of Signature."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import Application
from applications.services import NotEditable
from applications.status import EDITABLE
from applications.vault import open_sealed, seal
from identity import claims
from identity.methods import JPKI_SIGN
from identity.models import Signature
from identity.problems import Problem, Refused
from identity.services import sealed_claim, subject_hash
from identity.signature.certificates import Signer
from identity.signature.requirement import NAME
from identity.signature.sealed import Signed
from identity.signature.snapshot import digest_of, document

SIGNED = "signature_made"
DOCUMENT = "identity.signature.document"


def requirement_of(application: Application) -> Mapping[str, Any] | None:
    """What the editor set, or None when the form is not signed."""
    found: Mapping[str, Any] | None = application.version.engine.definition.requires.get(NAME)
    return found


def signature_of(application: Application) -> Signature | None:
    """The newest; older ones are of what the application was before."""
    return Signature.objects.filter(application_id=application.pk).last()


def is_signed(application: Application) -> bool:
    """Whether the newest signature is of what the application is now."""
    made = signature_of(application)
    return made is not None and made.digest == digest_of(document(application)).hex()


@transaction.atomic
def keep(application_id: int, signed: Signed, signer: Signer, digest: bytes) -> Signature:
    """Take the signature of this digest, which has been verified. Raises Refused, NotEditable."""
    standing = lock(application_id)
    wanted = requirement_of(standing)
    if standing.status not in EDITABLE:
        raise NotEditable
    text = document(standing)
    if wanted is None or not hmac.compare_digest(digest_of(text), digest):
        raise Refused(Problem.CHANGED, "another application than was signed")
    given = {row["claim"]: claims.text_of(signer.facts[row["claim"]]) for row in wanted["claims"]}
    if not all(given.values()):
        raise Refused(Problem.CLAIMS, "claims")
    made = Signature.objects.create(
        application=standing,
        at=timezone.now(),
        digest=digest.hex(),
        document=seal(text, standing.public_id, DOCUMENT),
        revision=standing.revision,
        signature=base64.b64encode(signed.signature).decode(),
        subject=subject_hash("jpki", signer.serial, standing.form_id),
        claims={row["claim"]: sealed_claim(standing, row, given[row["claim"]]) for row in wanted["claims"]},
        substituted={claim: marks for claim, marks in signer.substituted.items() if claim in given},
    )
    record(standing, SIGNED, data={"sentence": f"申請に署名しました（{JPKI_SIGN.label}）"})
    return made


def document_of(made: Signature, application: Application) -> str:
    """What was signed. Raises VaultError."""
    return str(open_sealed(made.document, application.public_id, DOCUMENT))
