"""日時の選択: what the resident sees, and what a choice does."""


import pytest

from formbuilder.models import FormPage
from reservations.models import State
from tests.applications.residents import leads_to, text_of
from tests.reservations.residents import Booker, make_checkup_form
from tests.reservations.scene import CheckUp, add_slots, booked
from tests.support.cast import Cast


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    return make_checkup_form(cast)


@pytest.fixture
def resident(form: FormPage) -> Booker:
    return Booker(form).arrive()


def test_the_check_page_leads_to_the_choice_and_the_choice_back_to_it(resident: Booker, check_up: CheckUp) -> None:
    slot, _ = add_slots(check_up, 2, places=5)
    assert leads_to(resident.get("check")) == "reservation"
    page = resident.look()
    assert "残5" in text_of(page)
    assert leads_to(resident.pick(slot)) == "check"
    checked = text_of(resident.get("check"))
    assert "2027年6月7日（月）6:00〜6:30" in checked
    assert "まで、この日時を確保しています" in checked
    assert (resident.booking.state, booked(slot)) == (State.HOLD, 2)
