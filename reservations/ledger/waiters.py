"""A wait as the desk sees it."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from cms.access import AnyUser
from reservations.ledger.access import MAY_WRITE, receptions
from reservations.ledger.people import told_of
from reservations.models import Wait, WaitingEntry
from reservations.party import places_of
from reservations.waiting.calling import to_call
from reservations.waiting.entries import can_be_taken


def waiter(entry: WaitingEntry, cases: frozenset[int] = frozenset()) -> dict[str, Any]:
    """A draft is the resident's own: of it the desk sees who waits, and nothing else. What staff entered has a number
    to call. cases: departments whose cases the reader may open.
    """
    received = entry.application.received_at is not None and entry.application.department_id in cases
    names = "、".join(person.name for person in entry.people if person.name)
    return {
        "entry": entry,
        "name": names or "（氏名なし）",
        "places": places_of(entry.people),
        "phone": told_of(entry.application).phone if entry.is_of_the_desk else None,
        "may_take": entry.is_of_the_desk and entry.state == Wait.OFFERED and can_be_taken(entry, timezone.now()),
        "case": reverse("casework:case", args=(entry.application.public_id,)) if received else "",
    }


def calls_of(user: AnyUser) -> list[dict[str, Any]]:
    """Whom the user has to call, in all their receptions: who may book for them, and nobody else."""
    return [waiter(entry) for entry in to_call(receptions(user, MAY_WRITE).order_by())]
