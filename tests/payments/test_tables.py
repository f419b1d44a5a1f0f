"""The two tables: only forward, so that old news changes nothing."""

from graphlib import TopologicalSorter

import pytest

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
