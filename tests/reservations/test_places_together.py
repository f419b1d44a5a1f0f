"""How many places several slots have together, when they share limits."""

import pytest

from reservations.availability import Choice, left_together
from reservations.models import Slot

STOMACH, LUNGS = 1, 2


def choice(pk: int, left: int, *shared: tuple[int, int | None, int], items: dict[int, int] | None = None) -> Choice:
    """shared: bucket, item, places left. Its own bucket has the number of the slot."""
    limits = {pk: (None, left)} | {bucket: (item, places) for bucket, item, places in shared}
    return Choice(Slot(pk=pk), left, items or {}, limits=limits)


def two_venues(venue: int, day: int) -> list[Choice]:
    """Two slots of one venue, which has a limit of its own, and one of another; all have the day's."""
    here = [choice(number, 5, (8, None, venue), (9, None, day)) for number in (1, 2)]
    return [*here, choice(3, 5, (9, None, day))]


def with_stomach(left: int) -> list[Choice]:
    return [choice(number, 5, (9, STOMACH, left), items={STOMACH: left}) for number in (1, 2)]


def each_with_stomach(*left: int) -> list[Choice]:
    return [choice(number, 5, (number + 9, STOMACH, n), items={STOMACH: n}) for number, n in enumerate(left, 1)]


@pytest.mark.parametrize(
    ("choices", "wanted", "together"),
    [
        ([], [], 0),
        ([choice(1, 3), choice(2, 4)], [], 7),
        ([choice(1, 3, (9, None, 5)), choice(2, 4, (9, None, 5))], [], 5),
        (two_venues(venue=4, day=7), [], 7),
        (two_venues(venue=1, day=9), [], 6),
        (with_stomach(2), [STOMACH], 2),
        (with_stomach(2), [LUNGS], 10),
        (each_with_stomach(1, 2), [STOMACH], 3),
    ],
)
def test_shared_limits_hold_for_all_together(choices: list[Choice], wanted: list[int], together: int) -> None:
    assert left_together(choices, wanted) == together
