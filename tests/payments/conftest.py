"""The cast, and a provider in memory in the place of Stripe."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from formbuilder.models import FormPage
from payments.paying import PROVIDERS
from payments.stripe_provider import NAME
from tests.payments.scene import InMemory, make_fee_form
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def bank(settings: Settings) -> Iterator[InMemory]:
    """What has been done on its pages is what `look` finds; it counts what it was asked."""
    settings.STRIPE = {"key": "sk_test_mihon", "webhook_secret": "whsec_mihon", "api": ""}
    before = PROVIDERS[NAME]
    PROVIDERS[NAME] = made = InMemory()
    yield made
    PROVIDERS[NAME] = before


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_fee_form(cast.children)
