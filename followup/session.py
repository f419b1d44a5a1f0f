"""A visit to 申請状況の確認: a signed cookie that names a code, and that code's row, which knows when it ends."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from followup.codes import code_of
from followup.models import Code, Purpose

COOKIE = "mg-status"
PATH = "/status/"
SALT = "followup.status"
LIFE = timedelta(minutes=30)
LEFT = "followup.left_open"
PAGE = timedelta(days=1)


def begin(response: HttpResponse, code: Code, reference: str = "") -> None:
    """Give the browser the name of the code it asked for; scripts cannot read it, and only these pages are sent it.

    reference: as it was typed, whether or not it is anybody's, for asking again.
    """
    response.set_cookie(
        COOKIE,
        signing.dumps(f"{code.public_id} {reference}".strip(), salt=SALT),
        max_age=int(LIFE.total_seconds()),
        path=PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def asked(request: HttpRequest) -> Code | None:
    """The code that this browser asked for; whether it was typed yet is another matter."""
    code = code_of(_told(request)[0])
    return code if code is not None and code.purpose == Purpose.STATUS else None


def reference_asked(request: HttpRequest) -> str:
    """The number that the code was asked for with; "" once it has been entered."""
    return _told(request)[1]


def _told(request: HttpRequest) -> tuple[str, str]:
    """What the cookie says: the name of a code, and the number typed for it."""
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, "")[:300], salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return "", ""
    public_id, _, reference = str(told).partition(" ")
    return public_id, reference


def entered(request: HttpRequest) -> Code | None:
    """The code that opened the page, as long as the visit lasts."""
    code = asked(request)
    if code is None or code.used_at is None or code.ended_at is not None:
        return None
    return code if code.used_at + LIFE > timezone.now() else None


def seal_of(code: Code) -> str:
    """For a page that may lie open longer than the visit lasts: with it, what was typed can still be kept."""
    return signing.dumps(code.public_id, salt=LEFT)


def left_open(request: HttpRequest) -> Code | None:
    """The visit of such a page, if it ended by itself within the day. It may keep what it brings, and see nothing."""
    try:
        public_id = signing.loads(request.POST.get("visit", "")[:300], salt=LEFT, max_age=PAGE)
    except signing.BadSignature:
        return None
    code = code_of(str(public_id))
    return code if code is not None and code.used_at is not None and code.ended_at is None else None


def end(response: HttpResponse, code: Code | None) -> None:
    """For this browser, and for whoever else has its cookie."""
    if code is not None:
        Code.objects.filter(pk=code.pk, ended_at=None).update(ended_at=timezone.now())
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
