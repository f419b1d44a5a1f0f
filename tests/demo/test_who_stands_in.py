"""`make demo` starts whoever is not there: the card reader, the verifier of documents, and Stripe."""

import json
from typing import Any

import pytest
import requests
from pytest_django import Settings

from demo import provider
from identity.config import config_of
from identity.ekyc.config import ekyc
from identity.standin.provider import PATH

NOTHING: dict[str, Any] = {"issuer": "", "client_id": "", "client_key": "", "acr_values": "", "endpoints": {}}


@pytest.fixture
def nobody(settings: Settings) -> Settings:
    settings.IDENTITY, settings.STRIPE = dict(NOTHING), {"key": "", "webhook_secret": "", "api": ""}
    settings.EKYC = {**NOTHING, "trust_frameworks": ["jp_aml"], "days": 7}
    return settings


def test_each_answers_and_the_program_is_connected_with_it(nobody: Settings) -> None:
    beside = list(provider.start(48_100))
    try:
        connected = {name: value for each in beside for name, value in each.connected.items()}
        for prefix, name in (("MADOGUCHI_IDENTITY", "IDENTITY"), ("MADOGUCHI_EKYC", "EKYC")):
            given = {key: connected[f"{prefix}_{key.upper()}"] for key in ("issuer", "client_id", "client_key")}
            setattr(nobody, name, {**getattr(nobody, name), **given})
            config = config_of(getattr(nobody, name), prefix)
            assert config is not None and json.loads(given["client_key"])["d"]
            discovered = requests.get(f"{config.issuer}/.well-known/openid-configuration", timeout=5).json()
            assert discovered["issuer"] == config.issuer
        assert ekyc() is not None
        control = connected["MADOGUCHI_EKYC_ISSUER"].removesuffix(PATH) + "/control"
        assert any(control in each.line for each in beside)
        assert "審査を待っているもの" in requests.get(control, timeout=5).text
        assert {"MADOGUCHI_STRIPE_KEY", "MADOGUCHI_STRIPE_API", "MADOGUCHI_SIGNATURE_CRL"} <= connected.keys()
    finally:
        for each in beside:
            each.server.stop()


def test_what_is_there_is_left_alone(nobody: Settings) -> None:
    nobody.IDENTITY["issuer"] = nobody.EKYC["issuer"] = "https://op.example"
    nobody.STRIPE["key"] = "sk_live"
    assert list(provider.start(48_110)) == []
