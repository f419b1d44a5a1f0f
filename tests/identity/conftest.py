"""The cast, and a real provider on a port of its own for each test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from formbuilder.models import FormPage
from identity.standin.keys import new_key, public
from identity.standin.provider import StandIn
from identity.standin.server import Server
from tests.identity.people import CardHolder, make_identity_form
from tests.support.cast import Cast, make_cast

CLIENT = "madoguchi-test"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="session")
def client_key() -> dict[str, Any]:
    return new_key()


@pytest.fixture
def standin(settings: Settings, client_key: dict[str, Any]) -> Iterator[StandIn]:
    """Running, and configured as the provider."""
    made = StandIn(CLIENT, public(client_key), frozenset({f"{settings.BASE_URL}/identity/callback/"}))
    server = Server(made)
    settings.IDENTITY = {
        "issuer": made.issuer,
        "client_id": CLIENT,
        "client_key": json.dumps(client_key),
        "acr_values": "aal3 crl",
        "endpoints": {},
    }
    yield made
    server.stop()


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_identity_form(cast.children)


@pytest.fixture
def hanako(form: FormPage, standin: StandIn) -> CardHolder:
    return CardHolder(form, standin)
