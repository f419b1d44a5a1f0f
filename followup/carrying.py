"""続きの番号: who has no mail at hand carries ten characters from one device to the other.

A code leads to a link like that of a mail, for the page that asks before it opens the draft. Kept is a keyed hash.
"""

import logging
import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from applications.lifecycle import lock
from applications.models import Application
from applications.services import NotEditable
from applications.status import EDITABLE
from followup.models import ResumeCode, ResumeLink
from formbuilder.japanese.text import to_number_line

log = logging.getLogger(__name__)

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
LENGTH = 10
LIFE = timedelta(hours=24)


def _digest(code: str) -> str:
    return salted_hmac("followup.carrying", code, algorithm="sha256").hexdigest()


def read_code(typed: str) -> str | None:
    """Of whatever width and case, with or without the hyphen; None when it cannot be a code."""
    if len(typed) > 60:
        return None
    plain = re.sub(r"[\s-]", "", to_number_line(typed)).upper()
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else None


@transaction.atomic
def make_code(application: Application) -> str:
    """A new code, as people read it; those made before open nothing any more. Raises NotEditable."""
    application = lock(application.pk)
    if application.status not in EDITABLE:
        raise NotEditable
    code = get_random_string(LENGTH, ALPHABET)
    ResumeCode.objects.filter(application=application).delete()
    ResumeCode.objects.create(application=application, digest=_digest(code), expires_at=timezone.now() + LIFE)
    return f"{code[:5]}-{code[5:]}"


@transaction.atomic
def redeem(code: str) -> ResumeLink | None:
    """The link to the draft, once; None for a code that nobody was given, that was used, or whose time is over."""
    now = timezone.now()
    standing = ResumeCode.objects.filter(digest=_digest(code), used_at=None, expires_at__gt=now)
    found = standing.select_related("application__form").first()
    if found is None or found.application.status not in EDITABLE or not standing.update(used_at=now):
        log.warning("refused: a number to carry on with that is wrong, used or over")
        return None
    return ResumeLink.objects.create(application=found.application, to="")


def forget_old() -> int:
    return ResumeCode.objects.filter(expires_at__lt=timezone.now()).delete()[0]
