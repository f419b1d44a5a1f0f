"""The life of an inspection: the only writer of Inspection and Notice. What comes first counts; the rest is late."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import Application
from applications.services import NotEditable
from applications.status import EDITABLE
from identity.ekyc.config import EkycConfig, patience
from identity.ekyc.outcome import Outcome
from identity.gate import is_verified, verification_of
from identity.models import Inspection, Notice
from identity.problems import Problem, Refused
from identity.provider import Proof
from identity.services import STARTED, subject_hash, verify

DECIDED = "inspection_decided"
State = Inspection.State
OPEN = (State.STARTED, State.PENDING)
SENTENCES = {
    State.APPROVED: "本人確認書類による確認が済みました（eKYC）",
    State.REFUSED: "本人確認書類では確認できませんでした（eKYC）",
    State.EXPIRED: "本人確認書類の審査が期限までに終わりませんでした（eKYC）",
}
WAITING = "本人確認書類の審査を待っています（eKYC）"
NOT_ENOUGH = "not_enough"  # approved, but by less than the form asks for
KEPT = timedelta(days=90)
BATCH = 100


def begin(application: Application) -> Inspection:
    """The newest inspection of a draft is the one that its resident sees. Nobody can come back from those before it
    that got no further than to the verifier's first page.
    """
    Inspection.objects.filter(application=application, state=State.STARTED).delete()
    return Inspection.objects.create(application=application, process=secrets.token_urlsafe(32))


def inspection_of(application: Application) -> Inspection | None:
    """The newest that somebody came back from."""
    if application._state.adding:  # before anything was typed
        return None
    return Inspection.objects.filter(application_id=application.pk).exclude(state=State.STARTED).last()


@transaction.atomic
def hear(jti: str, outcome: Outcome, config: EkycConfig) -> None:
    """A webhook: the first time it counts, and only once the browser that left is back.

    A proof must not reach a draft whose resident was never seen to have given it: somebody may have sent their own
    address at the verifier to another person. What came too early, the return asks for. Raises Refused: not of whom
    came back.
    """
    if not Notice.objects.get_or_create(jti=jti)[1]:
        return
    found = _locked(outcome.process)
    if found is None:
        return
    if found.state == State.STARTED:
        found.heard_at = timezone.now()
        found.save(update_fields=["heard_at"])
    elif found.subject != _subject(found, outcome, config):
        raise Refused(Problem.REFUSED, "another subject")
    else:
        settle(outcome, config)


@transaction.atomic
def settle(outcome: Outcome, config: EkycConfig) -> Inspection | None:
    """What the verifier says becomes what is so, once; None when there is no such process.

    The return and the webhook may come at once, and in any order.
    """
    found = _locked(outcome.process)
    if found is None or found.state not in OPEN or found.state == outcome.state:
        return found
    found.subject = _subject(found, outcome, config)
    state, reason = outcome.state, outcome.reason
    if state == State.APPROVED:
        state, reason = _approved(found, outcome, config)
    _write(found, state, reason)
    return found


def _subject(found: Inspection, outcome: Outcome, config: EkycConfig) -> str:
    return subject_hash(config.provider.issuer, outcome.subject, found.application.form_id)


def _locked(process: str) -> Inspection | None:
    inspections = Inspection.objects.select_for_update(of=("self",)).select_related("application")
    return inspections.filter(process=process).first()


def _approved(found: Inspection, outcome: Outcome, config: EkycConfig) -> tuple[State, str]:
    """State and reason after the proof was taken, or was not."""
    assert outcome.method is not None
    application = Application.objects.select_related("version").get(pk=found.application_id)
    standing = verification_of(application)
    if standing is not None and standing.at > found.created_at and is_verified(application):  # otherwise, meanwhile
        return State.APPROVED, ""
    proof = Proof(outcome.subject, outcome.claims, outcome.method.aal)
    try:
        with transaction.atomic():
            verify(application, outcome.method, proof, issuer=config.provider.issuer)
    except NotEditable:
        return State.EXPIRED, ""
    except Refused as refused:
        return State.REFUSED, str(refused.problem) if refused.problem == Problem.ONCE else NOT_ENOUGH
    return State.APPROVED, ""


def _write(found: Inspection, state: State, reason: str) -> None:
    was_pending, application = found.state == State.PENDING, lock(found.application_id)
    found.state, found.reason = state, reason
    if state == State.PENDING:
        data = {"until": found.created_at + patience(), "sentence": WAITING}
        record(application, STARTED, data=data)
    else:
        found.decided_at = timezone.now()
        if was_pending and application.status in EDITABLE:  # who waits at the page sees it there
            record(application, DECIDED, data={"sentence": SENTENCES[state], "state": str(state)})
    found.save(update_fields=["state", "reason", "subject", "decided_at"])


def expire_old() -> int:
    """Give up what the verifier never decided, forget old notices and who never came back; how many were given up."""
    now = timezone.now()
    Notice.objects.filter(received_at__lt=now - KEPT).delete()
    late = Inspection.objects.filter(decided_at=None, created_at__lt=now - patience())
    late.filter(state=State.STARTED).delete()
    pks = list(late.filter(state=State.PENDING).order_by("created_at").values_list("pk", flat=True)[:BATCH])
    return sum(_expire(pk) for pk in pks)


@transaction.atomic
def _expire(pk: int) -> bool:
    found = Inspection.objects.select_for_update().filter(pk=pk, state=State.PENDING).first()
    if found is not None:
        _write(found, State.EXPIRED, "")
    return found is not None
