import pytest

from formbuilder.models import FormPage
from payouts.models import Source
from tests.payouts.scene import make_payout_form, make_source
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_payout_form(cast.children)


@pytest.fixture
def source(cast: Cast) -> Source:
    return make_source(cast.children)
