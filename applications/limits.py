"""How often something may be done, counted in the database so that all processes agree; what fails, is refused."""

import ipaddress
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from applications.models import Tally
from applications.network import address_of

HOUR = 3600
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many times within each window of so many seconds."""

    name: str
    most: int
    seconds: int = HOUR

    def take(self, who: str) -> bool:
        """Count once more; False when it has been done too often. An error of the database is passed on."""
        key, until = self._key(who), datetime.fromtimestamp((self._window() + 1) * self.seconds, tz=UTC)
        Tally.objects.bulk_create([Tally(key=key, until=until)], ignore_conflicts=True)
        is_taken = bool(Tally.objects.filter(pk=key, count__lt=self.most).update(count=F("count") + 1))
        if not is_taken:
            log.warning("refused: too often within the limit %s", self.name)
        return is_taken

    def give_back(self, who: str) -> None:
        """The last one does not count after all."""
        Tally.objects.filter(pk=self._key(who), count__gt=0).update(count=F("count") - 1)

    def _key(self, who: str) -> str:
        window = self._window()
        return salted_hmac("applications.limits", f"{self.name}|{window}|{who}", algorithm="sha256").hexdigest()

    def _window(self) -> int:
        return int(timezone.now().timestamp()) // self.seconds


def network_of(request: HttpRequest) -> str:
    """Who is at the other end, as far as one can tell: an IPv4 address, or the 64 bits of an IPv6 network."""
    address = address_of(request)
    if address is None:
        return "unknown"  # all of them share one limit
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def forget_old() -> int:
    """Remove counts of windows that are over."""
    return Tally.objects.filter(until__lt=timezone.now() - timedelta(hours=1)).delete()[0]
