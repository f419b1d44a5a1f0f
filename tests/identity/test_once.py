"""One person, one application: whoever holds the card, on however many devices."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from pytest_django import Settings

from applications import outbox
from applications.lifecycle import NotReady, declare, move
from applications.models import Application
from applications.status import Action, Status
from identity.methods import JPKI_AUTH
from identity.models import Turn, Verification
from identity.problems import Problem, Refused
from identity.provider import Proof
from identity.requirement import EVER, MONTH, YEAR
from identity.services import period_of, subject_hash, verify
from identity.standin.provider import StandIn
from tests.applications.residents import leads_to, text_of
from tests.identity.people import CardHolder, make_identity_form, problem_of, refresh
from tests.reservations.scene import at_once
from tests.support.cast import Cast, draft, make_cast

ANSWERS = {"使いみち": "提出"}
CLAIMS = {"name": "見本　花子", "address": "新潟県新潟市中央区学校町通1", "birthdate": "19960401", "gender": "2"}


def holder(cast: Cast, standin: StandIn, once: str = EVER) -> CardHolder:
    return CardHolder(make_identity_form(cast.children, once=once), standin)


def another(first: CardHolder) -> CardHolder:
    return CardHolder(first.form, first.standin)


def applies(resident: CardHolder) -> None:
    resident.proves()
    resident.fill("1", ANSWERS)
    resident.fill("2", {})
    assert leads_to(resident.declare()) == "done"
    assert resident.draft.received_at


def test_a_second_application_of_the_same_person_is_refused(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin)
    applies(first)
    second = another(first)
    assert problem_of(second.proves()) == Problem.ONCE
    assert "すでに申請されています" in text_of(second.client.get("/apply/juminhyo/identity/?problem=once"))
    assert second.proof is None and leads_to(second.get("1")) == "identity"


def test_somebody_else_may_apply(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin)
    applies(first)
    assert problem_of(another(first).proves("taro")) == ""


def test_a_draft_left_behind_gives_way_to_the_newer_one(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin)
    first.proves()
    first.fill("1", ANSWERS)
    first.fill("2", {})
    second = another(first)
    assert problem_of(second.proves()) == ""
    assert leads_to(first.declare()) == "juminhyo"  # the gate is closed again
    assert first.draft.status == Status.DRAFT and leads_to(first.get()) == "identity"
    second.fill("1", ANSWERS)
    second.fill("2", {})
    assert leads_to(second.declare()) == "done"


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.REJECT])
def test_after_it_was_taken_back_or_refused_the_person_may_apply_again(
    cast: Cast, standin: StandIn, action: Action
) -> None:
    first = holder(cast, standin)
    applies(first)
    if action == Action.REJECT:
        move(first.draft.pk, Action.REVIEW)
    move(first.draft.pk, action)
    outbox.deliver_due()
    assert not Turn.objects.exists()
    assert problem_of(another(first).proves()) == ""
    assert Verification.objects.filter(application=first.draft).exists()  # what was decided on stays


def test_an_expired_draft_takes_its_proof_along(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin)
    first.proves()
    move(first.draft.pk, Action.EXPIRE)
    outbox.deliver_due()
    assert not Verification.objects.exists() and not Turn.objects.exists()


def test_another_card_in_the_same_draft_sets_the_first_person_free(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin)
    first.proves()
    first.proves("taro")
    assert Turn.objects.count() == 1
    assert problem_of(another(first).proves("hanako")) == ""
    assert first.get("1").status_code == 200


def test_a_form_without_a_limit_remembers_nobody(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin, once="")
    applies(first)
    assert not Turn.objects.exists()
    assert problem_of(another(first).proves()) == ""


@pytest.mark.parametrize(
    ("once", "day", "period"),
    [
        (EVER, date(2026, 11, 22), ""),
        (YEAR, date(2027, 3, 31), "2026"),
        (YEAR, date(2027, 4, 1), "2027"),
        (MONTH, date(2027, 4, 1), "2027-04"),
    ],
)
def test_the_year_begins_in_april(once: str, day: date, period: str) -> None:
    assert period_of(once, day) == period


def test_a_draft_that_outlives_its_month_proves_again(cast: Cast, standin: StandIn) -> None:
    first = holder(cast, standin, once=MONTH)
    with time_machine.travel(datetime(2026, 11, 30, 3, tzinfo=UTC)):
        first.proves()
        assert leads_to(first.get()) == "1"
    with time_machine.travel(datetime(2026, 12, 1, 3, tzinfo=UTC)):
        assert leads_to(first.get()) == "identity"
        first.proves()
        assert leads_to(first.get()) == "1"


def test_one_person_has_another_name_in_every_form_and_with_every_key(settings: Settings) -> None:
    first = subject_hash("https://op.example", "ppid", 1)
    assert first == subject_hash("https://op.example", "ppid", 1) and len(first) == 64
    assert first != subject_hash("https://op.example", "ppid", 2)
    settings.IDENTITY_KEY = "another"
    assert first != subject_hash("https://op.example", "ppid", 1)


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_the_same_moment_are_one_person() -> None:
    form = make_identity_form(make_cast().children, once=EVER)
    drafts = [draft(form, {}) for _ in range(4)]

    def prove(application: Application) -> None:
        verify(application, JPKI_AUTH, Proof("ppid-hanako", CLAIMS, 3), issuer="https://op.example")

    results = at_once([lambda each=each: prove(refresh(each)) for each in drafts])  # type: ignore[misc]
    assert results == [None] * 4  # drafts give way to one another
    assert Turn.objects.count() == 1
    assert Verification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_declares_while_another_device_proves_is_not_overtaken() -> None:
    """Either the first is declared and the second refused, or the second has taken over and the first is sent back."""
    form = make_identity_form(make_cast().children, once=EVER)
    first, second = draft(form, {"使いみち": "提出"}), draft(form, {})
    proof = Proof("ppid-hanako", CLAIMS, 3)
    verify(refresh(first), JPKI_AUTH, proof, issuer="https://op.example")
    from_lifecycle = refresh(first)

    def declares() -> None:
        declare(from_lifecycle.pk, revision=from_lifecycle.revision)

    def proves() -> None:
        verify(refresh(second), JPKI_AUTH, proof, issuer="https://op.example")

    declared, proved = at_once([declares, proves])
    arrived = Application.objects.filter(received_at__isnull=False)
    if declared is None:
        assert isinstance(proved, Refused) and proved.problem == Problem.ONCE
        assert arrived.get() == first
    else:
        assert isinstance(declared, NotReady) and proved is None
        assert not arrived.exists()
    assert Turn.objects.count() == 1
