"""The two tables: only forward, so that old news changes nothing; and the contract of who collects the money."""

from graphlib import TopologicalSorter

import pytest

from payments.counter import Counter
from payments.paying import PROVIDERS
from payments.providers import Provider
from payments.status import (
    PAYABLE,
    RECEIVED,
    REFUND_TRANSITIONS,
    REFUNDABLE,
    TRANSITIONS,
    UNDER_WAY,
    Action,
    RefundState,
    State,
)
from payments.stripe_provider import Stripe


@pytest.mark.parametrize("table", [TRANSITIONS, REFUND_TRANSITIONS], ids=["payments", "refunds"])
def test_no_step_leads_back(table: dict[tuple[str, str], str]) -> None:
    before: dict[str, set[str]] = {}
    for (state, _), after in table.items():
        before.setdefault(after, set()).add(state)
    assert list(TopologicalSorter(before).static_order())  # raises where there is a circle


def test_money_is_taken_note_of_wherever_a_payment_stands() -> None:
    others = [state for state in State if state not in (*RECEIVED, State.LOST)]
    assert all(TRANSITIONS[state, Action.PAID] == State.SUCCEEDED for state in others)


def test_every_state_is_reached_and_has_its_place() -> None:
    assert set(TRANSITIONS.values()) | {State.CREATED} == set(State)
    assert set(REFUND_TRANSITIONS.values()) | {RefundState.REQUESTED} == set(RefundState)
    assert set(REFUNDABLE) < set(RECEIVED) and set(PAYABLE) < set(UNDER_WAY)
    assert not set(RECEIVED) & set(UNDER_WAY)


def test_a_provider_has_at_most_five_members_and_both_have_them() -> None:
    members = {name for name in {**vars(Provider), **Provider.__annotations__} if not name.startswith("_")}
    assert members == {"name", "begin", "look", "close", "refund"} and len(members) <= 5
    assert {type(provider) for provider in PROVIDERS.values()} == {Stripe, Counter}
    for provider in PROVIDERS.values():
        assert all(hasattr(provider, member) for member in members)
