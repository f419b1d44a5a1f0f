"""The cast, and a real provider on a port of its own for each test."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from formbuilder.models import FormPage
from identity.standin.cards import new_cards
from identity.standin.keys import new_key, new_rsa_pair, public
from identity.standin.provider import StandIn
from identity.standin.server import CRL_PATH, Server
from identity.standin.signing import Authority
from identity.standin.verifier import Verifier
from identity.standin.verifier_server import VerifierServer
from tests.identity.people import CardHolder, make_identity_form
from tests.support.cast import Cast, make_cast

CLIENT = "madoguchi-test"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="session")
def client_key() -> dict[str, Any]:
    return new_key()


@pytest.fixture(scope="session")
def rsa_pair() -> tuple[str, str]:
    return new_rsa_pair()


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Its keys, and those of the cards, are what takes long."""
    made = Authority()
    for card in new_cards().values():
        made.of(card)
    return made


@pytest.fixture
def standin(
    settings: Settings, client_key: dict[str, Any], rsa_pair: tuple[str, str], authority: Authority
) -> Iterator[StandIn]:
    """Running, and configured as the provider, of signatures too."""
    copied = replace(authority, certificates=dict(authority.certificates), revoked=set(authority.revoked))
    back = frozenset({f"{settings.BASE_URL}/identity/callback/"})
    made = StandIn(CLIENT, public(client_key), back, relying_key=rsa_pair[1], authority=copied)
    server = Server(made)
    settings.SIGNATURE = {
        "api": "",
        "anchors": authority.pem,
        "crl": f"{server.origin}{CRL_PATH}",
        "key": rsa_pair[0],
    }
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


@pytest.fixture
def verifier(settings: Settings, client_key: dict[str, Any], authority: Authority) -> Iterator[Verifier]:
    """Running, and configured as the verifier of eKYC. It tells nothing of its own accord: tests bring the notices."""
    back = frozenset({f"{settings.BASE_URL}/identity/callback/"})
    made = Verifier(CLIENT, public(client_key), back, authority=authority)
    server = VerifierServer(made)
    settings.EKYC = {
        "issuer": made.issuer,
        "client_id": CLIENT,
        "client_key": json.dumps(client_key),
        "acr_values": "",
        "endpoints": {},
        "trust_frameworks": ["jp_aml"],
        "days": 7,
    }
    yield made
    server.stop()
