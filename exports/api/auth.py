"""Who asks: a token in the Authorization header, looked up by its hash, from an allowed network, not too often."""

import hashlib
import ipaddress
import secrets
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from applications.api import Denied
from applications.network import address_of
from cms.access import MAY_EXPORT_CASES, has_role
from exports.api.models import ApiTally, ApiToken

PREFIX = "mdg_"
PER_MINUTE = 600  # requests of one token
WRONG_PER_MINUTE = 30  # wrong tokens from one address
TOUCHED_EVERY = timedelta(minutes=5)


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """A random secret needs no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenAuth(HttpBearer):
    openapi_description = "管理画面で作ったトークン"

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Raises Denied; an error of the database is passed on, and nobody gets in."""
        found = (
            ApiToken.objects.select_related("department", "user")
            .filter(digest=digest_of(token), revoked_at__isnull=True, expires_at__gt=timezone.now())
            .first()
        )
        if found is None:
            if not count(f"wrong|{address_of(request)}", WRONG_PER_MINUTE):
                raise _too_often()
            return None
        if not _is_from(request, found.networks):
            raise Denied(403, "network", "このトークンは、このネットワークからは使えません。")
        # who made it answers for it: without the role the token opens nothing any more
        if not has_role(found.user, MAY_EXPORT_CASES, found.department):
            raise Denied(403, "owner", "トークンを作った職員に、この所管課の申請を出力する権限がありません。")
        if not count(f"token|{found.pk}", PER_MINUTE):
            raise _too_often()
        _touch(found)
        return found


def _too_often() -> Denied:
    return Denied(429, "too_often", "要求が多すぎます。1分待ってから、もう一度送ってください。")


def _is_from(request: HttpRequest, networks: list[str]) -> bool:
    if not networks:
        return True
    address = address_of(request)
    return address is not None and any(address in ipaddress.ip_network(network) for network in networks)


def count(who: str, most: int) -> bool:
    """Count once more in this minute, for all processes alike; False when it is too often."""
    minute = int(timezone.now().timestamp()) // 60
    until = datetime.fromtimestamp((minute + 1) * 60, tz=UTC)
    key = digest_of(f"{who}|{minute}")
    ApiTally.objects.bulk_create([ApiTally(key=key, until=until)], ignore_conflicts=True)
    return bool(ApiTally.objects.filter(pk=key, count__lt=most).update(count=F("count") + 1))


def _touch(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is None or now - token.used_at > TOUCHED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def forget_old() -> int:
    """Remove the counts of minutes that are over; how many."""
    return ApiTally.objects.filter(until__lt=timezone.now() - timedelta(minutes=5)).delete()[0]
