"""Many at the same moment: what is counted is counted once, and what opens once opens once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from applications.limits import Limit
from followup import codes, resuming
from followup.models import Purpose, ResumeLink
from followup.ratings import rate
from tests.followup.following import ADDRESS, ANSWERS, arrived
from tests.support.cast import Cast, draft, make_cast

MANY = 8


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def at_once(act: Callable[[], object]) -> list[object]:
    """What each of MANY got who did the same at the same moment, each with a connection of its own."""

    def alone(_: int) -> object:
        try:
            return act()
        except resuming.LinkUsed:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(alone, range(MANY)))


def test_a_limit_lets_through_as_many_as_it_says(cast: Cast) -> None:
    assert sum(map(bool, at_once(lambda: Limit("x", 3).take("who")))) == 3


def test_a_code_opens_for_one(cast: Cast) -> None:
    application = arrived(cast.form)
    code = codes.issue(Purpose.STATUS, application, application.email)
    digits = codes.digits_of(code)
    assert sum(map(bool, at_once(lambda: codes.redeem(code, digits)))) == 1


def test_wrong_tries_are_five_however_many_try(cast: Cast) -> None:
    application = arrived(cast.form)
    code = codes.issue(Purpose.STATUS, application, application.email)
    wrong = f"{(int(codes.digits_of(code)) + 1) % 1_000_000:06d}"
    assert not any(at_once(lambda: codes.redeem(code, wrong)))
    code.refresh_from_db()
    assert code.tries == codes.TRIES
    assert not codes.redeem(code, codes.digits_of(code))


def test_a_link_opens_one_device(cast: Cast) -> None:
    application = draft(cast.form, ANSWERS)
    link = ResumeLink.objects.create(application=application, to=ADDRESS)
    assert sum(map(bool, at_once(lambda: resuming.use(link)))) == 1
    assert application.keys.count() == 1


def test_satisfaction_is_kept_once(cast: Cast) -> None:
    application = arrived(cast.form)
    assert sum(map(bool, at_once(lambda: rate(application, 4, "")))) == 1
