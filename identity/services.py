"""The proof becomes part of the application: one transaction, and the only writer of Verification and Turn."""

import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import Application
from applications.services import NotEditable, fix_answers
from applications.status import EDITABLE
from applications.vault import is_sealed, open_sealed, seal
from identity import claims
from identity.methods import Method
from identity.models import Inspection, Signature, Turn, Verification
from identity.problems import Problem, Refused
from identity.provider import Proof
from identity.requirement import LOCK, MONTH, NAME, YEAR

STARTED, VERIFIED = "identity_started", "identity_verified"
APRIL = 4


def requirement_of(application: Application) -> Mapping[str, Any] | None:
    """What the editor set, or None when the form asks nobody who they are."""
    found: Mapping[str, Any] | None = application.version.engine.definition.requires.get(NAME)
    return found


def period_of(once: str, today: date) -> str:
    """The period within which a person may apply once; "" for ever."""
    if once == YEAR:
        return str(today.year - (today.month < APRIL))
    return f"{today:%Y-%m}" if once == MONTH else ""


def subject_hash(issuer: str, subject: str, form_id: int) -> str:
    """One person, as one form knows them: two forms cannot be joined by it, nor a list of subjects be tried out."""
    text = f"{issuer}\x00{subject}\x00{form_id}"
    return hmac.digest(settings.IDENTITY_KEY.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hex()


def verify(application: Application, method: Method, proof: Proof, *, issuer: str) -> None:
    """Take the proof, fill and fix the items it gives. Raises Refused, NotEditable; then nothing has changed."""
    wanted = requirement_of(application)
    if wanted is None or method.name not in wanted["methods"]:
        raise Refused(Problem.REFUSED, "method")
    if min(method.aal, proof.aal) < wanted["aal"] or method.ial < wanted["ial"]:
        raise Refused(Problem.LEVEL, "level")
    given = {row["claim"]: claims.text_of(proof.claims.get(row["claim"])) for row in wanted["claims"]}
    if not all(given.values()):
        raise Refused(Problem.CLAIMS, "claims")
    subject = subject_hash(issuer, proof.subject, application.form_id)
    _keep(application, method, given, subject, aal=min(method.aal, proof.aal))


@transaction.atomic
def _keep(application: Application, method: Method, given: Mapping[str, str], subject: str, *, aal: int) -> None:
    _take_turn(application, subject)
    standing = lock(application.pk)
    wanted = requirement_of(standing)
    if standing.status not in EDITABLE:
        raise NotEditable
    if wanted is None or standing.version_id != application.version_id:  # moved to a newer version meanwhile
        raise Refused(Problem.EXPIRED, "version")
    fields = standing.version.engine.fields
    filled: dict[str, Any] = {}
    for row in wanted["claims"]:
        if row["how"] == LOCK:
            answer = claims.answer_to(row["claim"], given[row["claim"]], fields[row["key"]].definition)
            if answer is not None:
                filled[row["key"]] = answer
    kept = {row["claim"]: sealed_claim(standing, row, given[row["claim"]]) for row in wanted["claims"]}
    Verification.objects.update_or_create(
        application=standing,
        defaults={
            "method": method.name,
            "ial": method.ial,
            "aal": aal,
            "at": timezone.now(),
            "subject": subject,
            "claims": kept,
            "items": [row["key"] for row in wanted["claims"]],
        },
    )
    fix_answers(standing.pk, filled, why=method.by)
    record(standing, VERIFIED, data={"sentence": f"本人確認が済みました（{method.label}）"})


def sealed_claim(application: Application, row: Mapping[str, str], text: str) -> Any:
    """A claim is as sensitive as the item that takes it."""
    is_sensitive = application.version.engine.fields[row["key"]].definition.sensitive
    return seal(text, application.public_id, _place(row["claim"])) if is_sensitive else text


def claim_of(proof: Verification | Signature, application: Application, claim: str) -> str:
    """A claim in the clear. Raises VaultError."""
    kept = proof.claims.get(claim, "")
    return str(open_sealed(kept, application.public_id, _place(claim)) if is_sealed(kept) else kept)


def _place(claim: str) -> str:
    return f"identity.{claim}"


def _take_turn(application: Application, subject: str) -> None:
    """Let nobody apply twice. A draft that the same person left behind gives its turn up; an application does not.

    The person's row is locked first, then drafts in the order of their keys: two devices wait for one another.
    """
    wanted = requirement_of(application)
    once = wanted["once"] if wanted else ""
    period = period_of(once, timezone.localdate())
    same = Q(form_id=application.form_id, period=period, subject=subject)
    if once:
        Turn.objects.bulk_create(
            [Turn(form_id=application.form_id, period=period, subject=subject, application=application)],
            ignore_conflicts=True,
        )
    turns = list(Turn.objects.select_for_update().filter(same | Q(application=application)).order_by("pk"))
    held = {pk: lock(pk) for pk in sorted({turn.application_id for turn in turns} | {application.pk})}
    for turn in turns:
        is_this = once and (turn.period, turn.subject) == (period, subject)
        if not is_this:
            turn.delete()
        elif turn.application_id != application.pk:
            if held[turn.application_id].status not in EDITABLE:
                raise Refused(Problem.ONCE, "once")
            Verification.objects.filter(application_id=turn.application_id).delete()
            turn.application = application
            turn.save(update_fields=["application"])


def has_turn(application: Application) -> bool:
    """Whether the application stands for its person in the period that is now, if the form asks for that."""
    wanted = requirement_of(application)
    if not wanted or not wanted["once"]:
        return True
    period = period_of(wanted["once"], timezone.localdate())
    return Turn.objects.filter(application=application, form_id=application.form_id, period=period).exists()


def give_up_turn(application_id: int) -> None:
    """Taken back, or refused: the same person may apply again."""
    Turn.objects.filter(application_id=application_id).delete()


def forget(application_id: int) -> None:
    """Nobody came back to the draft."""
    give_up_turn(application_id)
    Verification.objects.filter(application_id=application_id).delete()
    Signature.objects.filter(application_id=application_id).delete()
    Inspection.objects.filter(application_id=application_id).delete()
