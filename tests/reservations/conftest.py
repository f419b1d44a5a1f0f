"""The cast and the check-up, for the tests of reservations. The clock stands in the spring before it."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.reservations.scene import CheckUp, make_check_up
from tests.support.cast import Cast, make_cast

NOW = "2027-04-05T10:00:00+09:00"  # a Monday


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def check_up(cast: Cast) -> CheckUp:
    return make_check_up(cast.children)
