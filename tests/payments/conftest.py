"""The cast, and a provider in memory in the place of Stripe."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from formbuilder.models import FormPage
from payments.paying import PROVIDERS
from payments.standin.server import Server
from payments.standin.standin import StandIn
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


@pytest.fixture
def stripe(settings: Settings) -> Iterator[StandIn]:
    """Running, and configured as Stripe; its events wait in `courier.deliveries`."""
    standin = StandIn()
    server = Server(standin)
    settings.STRIPE = {"key": standin.key, "webhook_secret": standin.secret, "api": server.origin}
    yield standin
    server.stop()
