"""How often something may be done, counted in the database so that all processes agree; what fails, is refused."""

import ipaddress
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from applications.network import address_of
from followup.models import Tally

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
        window = int(timezone.now().timestamp()) // self.seconds
        key = salted_hmac("followup.limits", f"{self.name}|{window}|{who}", algorithm="sha256").hexdigest()
        until = datetime.fromtimestamp((window + 1) * self.seconds, tz=UTC)
        Tally.objects.bulk_create([Tally(key=key, until=until)], ignore_conflicts=True)
        is_taken = bool(Tally.objects.filter(pk=key, count__lt=self.most).update(count=F("count") + 1))
        if not is_taken:
            log.warning("refused: too often within the limit %s", self.name)
        return is_taken


MAILS_TO_ADDRESS = Limit("address", 6)
MAILS_OF_APPLICATION = Limit("application", 6)
GUESSES_OF_NETWORK = Limit("guess", 120)
COPIES_OF_APPLICATION = Limit("copy", 20)
LETTERS_OF_APPLICATION = Limit("letter", 10)
FILES_OF_APPLICATION = Limit("letter file", 40)
DOWNLOADS_OF_APPLICATION = Limit("document", 60)


def requests_of_network() -> Limit:
    return Limit("network", settings.CODES_PER_NETWORK)


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
