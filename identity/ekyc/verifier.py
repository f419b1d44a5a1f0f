"""The verifier, as an OpenID provider: what is asked of it, and what it answers by return and by webhook."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from identity import provider, tokens
from identity.ekyc.config import EkycConfig
from identity.ekyc.outcome import FACE, Outcome, outcome_of
from identity.methods import IC_CHIP_FACE, METHODS
from identity.problems import Problem, Refused
from identity.provider import Secrets

NOTICE = "secevent+jwt"  # RFC 8417


class Session(NamedTuple):
    """Of the browser that has come back: with it the verifier can be asked how its inspection stands."""

    access: str
    subject: str


def authorization_url(
    config: EkycConfig, wanted: Mapping[str, Any], *, state: str, bound: Secrets, process: str
) -> str:
    """Where the resident's documents are looked at. wanted: the form's requirement. Raises Refused."""
    allowed = [METHODS[name] for name in wanted["methods"]]
    # what may be looked at; the verifier asks for a chip where the form takes nothing else
    checks = [{"check_method": {"value": FACE}}]
    if allowed and all(method == IC_CHIP_FACE for method in allowed if method.way == IC_CHIP_FACE.way):
        checks.append({"check_method": {"value": "vcrypt"}})
    verified = {
        "verification": {
            "trust_framework": {"values": sorted(config.frameworks)},
            "verification_process": {"value": process},
            "evidence": [{"type": {"value": "document"}, "check_details": checks}],
        },
        "claims": {row["claim"]: None for row in wanted["claims"]},
    }
    claims = json.dumps({"userinfo": {"verified_claims": verified}}, separators=(",", ":"))
    return provider.authorization_url(config.provider, state=state, bound=bound, scopes=(), claims=claims)


def opened(config: EkycConfig, code: str, bound: Secrets) -> Session:
    """What the resident comes back with. Raises Refused."""
    access, told = provider.take_code(config.provider, code, bound)
    return Session(access, told["sub"])


def answer(config: EkycConfig, session: Session, process: str) -> Outcome:
    """How the inspection stands now. Raises Refused."""
    said = provider.userinfo(config.provider, session.access, session.subject, is_signed=True)
    outcome = outcome_of(said, config)
    if outcome.process != process:
        raise Refused(Problem.REFUSED, "another process")
    return outcome


def noticed(config: EkycConfig, token: str) -> tuple[str, Outcome]:
    """Id and contents of a webhook. Raises Refused."""
    said = tokens.signed_notice(
        token,
        NOTICE,
        key_of=partial(provider.key_of, config.provider),
        issuer=config.provider.issuer,
        audience=config.provider.client_id,
    )
    return said["jti"], outcome_of(said, config)
