"""A seam is a list in the settings: each class once, in that order, under a name of its own."""

import pytest

from formbuilder.registry import listed

STAMP_GATE = "tests.support.seam.StampGate"


def test_what_is_listed_is_made_once_in_that_order() -> None:
    made = listed([STAMP_GATE, "reservations.subscriber.ReservationSubscriber"])
    assert [type(each).__name__ for each in made.values()] == ["StampGate", "ReservationSubscriber"]
    assert all(each.name == name for name, each in made.items())


def test_two_of_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match="taken already"):
        listed([STAMP_GATE, STAMP_GATE])
