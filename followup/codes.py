"""確認コード: made, checked, and handed to the mail.

What is kept of a code is a random number; its digits are a keyed hash of that number and of what the code is for. Who
reads the database learns nothing, and there is nothing to change in a row that would open another application.
"""

import hmac
import logging
import re
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from applications.lifecycle import record
from applications.models import PUBLIC_ID, Application
from followup.models import Code, Purpose
from formbuilder.japanese.text import to_half_width

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)
TRIES = 5
BATCH = 50
DIGITS = re.compile("[0-9]{6}")

ASKED = "code_asked"  # the event that the mail hangs on
TOLD = "確認コードをメールで送りました"


def digest_of_address(address: str) -> str:
    return salted_hmac("followup.address", address.lower(), algorithm="sha256").hexdigest()


def issue(purpose: Purpose, application: Application | None, address: str) -> Code:
    """A new code. application: None for a code that nobody gets, and that no digits open."""
    now = timezone.now()
    return Code.objects.create(
        purpose=purpose,
        application=application,
        address_digest=digest_of_address(address),
        nonce=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + LIFE,
    )


def digits_of(code: Code) -> str:
    text = "|".join([code.purpose, code.public_id, str(code.application_id), code.address_digest, code.nonce])
    number = int(salted_hmac("followup.code", text, algorithm="sha256").hexdigest(), 16)
    return f"{number % 1_000_000:06d}"


def read_digits(typed: str) -> str | None:
    """What was typed as six digits, of whatever width; None when it is something else."""
    if len(typed) > 40:
        return None
    plain = re.sub(r"[\s\u3000-]", "", to_half_width(typed))
    return plain if DIGITS.fullmatch(plain) else None


def is_open(code: Code) -> bool:
    """Whether digits can still be tried."""
    return code.used_at is None and code.tries < TRIES and code.expires_at > timezone.now()


def redeem(code: Code, digits: str) -> bool:
    """Whether these are the digits, once. The try is counted before anything is compared."""
    standing = Code.objects.filter(pk=code.pk, used_at=None, expires_at__gt=timezone.now())
    counted = standing.filter(tries__lt=TRIES).update(tries=F("tries") + 1)
    right = hmac.compare_digest(digits_of(code).encode(), digits.encode())
    if not (counted and right and code.application_id):
        log.warning("refused: a code that is wrong, over, or nobody's")
        return False
    return bool(standing.update(used_at=timezone.now()))


def latest(application: Application, purpose: Purpose, address: str) -> Code | None:
    """The newest code that can still be used, for this address."""
    codes = Code.objects.filter(application=application, purpose=purpose, address_digest=digest_of_address(address))
    code = codes.order_by("-created_at", "-pk").first()
    return code if code is not None and is_open(code) else None


def code_of(public_id: str) -> Code | None:
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    return (
        Code.objects.select_related("application__version", "application__department")
        .filter(public_id=public_id)
        .defer("application__version__document")
        .first()
    )


def announce() -> int:
    """Hand what was asked for to the outbox; how many. The worker does it, so that the page that asked takes as long
    for an application that exists as for one that does not."""
    now = timezone.now()
    waiting = Code.objects.filter(announced_at=None, application__isnull=False, expires_at__gt=now)
    return _announce(waiting, now) if waiting.exists() else 0


@transaction.atomic
def _announce(waiting: QuerySet[Code], now: datetime) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    waiting = waiting.select_related("application").order_by("created_at")
    codes = list(waiting.select_for_update(skip_locked=skip, of=("self",))[:BATCH])
    for code in codes:
        assert code.application is not None
        record(code.application, ASKED, data={"code": code.pk, "sentence": TOLD})
    Code.objects.filter(pk__in=[code.pk for code in codes]).update(announced_at=now)
    return len(codes)


def forget_old() -> int:
    """Remove codes that have been over for a day."""
    return Code.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()[0]
