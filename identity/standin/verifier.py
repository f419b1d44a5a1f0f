"""A verifier of eKYC: looks at documents and a face, at once or later, and tells by return and by webhook."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jose import jwt

from identity.standin.cards import Card
from identity.standin.provider import TOKEN_LIFE, Grant, StandIn, Wrong

FRAMEWORK = "jp_aml"
NOTICE_LIFE = 3600  # seconds
CHECKS = {"chip": ["vcrypt", "bvr"], "photo": ["vri", "bvr"]}
DOCUMENTS = {"chip": "jp_individual_number_card", "photo": "jp_drivers_license"}


@dataclass(slots=True)
class Process:
    """status: pending, approved, refused, expired; looked: chip or photo; reason: of a refusal."""

    card: Card
    claims: list[str]
    looked: str
    status: str = "pending"
    reason: str = ""


@dataclass
class Verifier(StandIn):
    """webhook: where notices go; framework: what its word is worth; asked: request -> (process, claims)."""

    webhook: str = ""
    framework: str = FRAMEWORK
    asked: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    def ask(self, given: Mapping[str, str]) -> str:
        """Raises Unknown, Wrong: it has to be said what is to be verified."""
        name = super().ask(given)
        try:
            wanted = json.loads(given["claims"])["userinfo"]["verified_claims"]
            process = str(wanted["verification"]["verification_process"]["value"])
            self.asked[name] = process, list(wanted["claims"])
        except (KeyError, TypeError, ValueError):
            raise Wrong("invalid_request", "claims") from None
        return name

    def inspect(self, name: str, card: Card, looked: str, status: str, reason: str = "", *, skew: int = 0) -> str:
        """Documents and face were shown: the address to go back to."""
        request = self.requests.pop(name)
        process, claims = self.asked.pop(name)
        self.processes[process] = Process(card, claims, looked, status, reason)
        code = secrets.token_urlsafe(32)
        self.grants[code] = Grant(request, card, time.time(), skew=skew, process=process)
        return request.back(code=code, iss=self.issuer)

    def decide(self, process: str, status: str, reason: str = "") -> None:
        self.processes[process].status, self.processes[process].reason = status, reason

    def signed_userinfo(self, access_token: str) -> str:
        """Raises Wrong."""
        grant = self.tokens.get(access_token)
        if grant is None or time.time() - grant.made > TOKEN_LIFE:
            raise Wrong("invalid_token", "access token")
        return self._signed({"iss": self.issuer, "aud": self.client_id, **self.said(grant.process)})

    def notice(self, process: str, **others: Any) -> str:
        """A webhook's body. others: claims that are different."""
        now = int(time.time()) + self.clock
        about = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + NOTICE_LIFE,
            "jti": secrets.token_urlsafe(16),
            **self.said(process),
        }
        return self._signed({**about, **others}, typ="secevent+jwt")

    def said(self, name: str) -> dict[str, Any]:
        """What it says of a process."""
        process = self.processes[name]
        about: dict[str, Any] = {
            "sub": process.card.subject,
            "verification_process": name,
            "status": process.status,
        }
        if process.status == "approved":
            about["verified_claims"] = self.verified(name, process)
        if process.reason:
            about["reason"] = process.reason
        return about

    def verified(self, name: str, process: Process) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        methods = CHECKS[process.looked]
        checks = [{"check_method": method, "organization": "みほん本人確認", "time": now} for method in methods]
        evidence = {
            "type": "document",
            "document_details": {"type": DOCUMENTS[process.looked]},
            "check_details": checks,
        }
        known = process.card.claims(frozenset(process.claims))
        claims: dict[str, Any] = {name: text for name, text in known.items() if name not in ("name", "address")}
        if "name" in known:
            claims["family_name"], _, claims["given_name"] = known["name"].partition("\u3000")
        if "address" in known:
            claims["address"] = {"formatted": known["address"]}
        verification = {
            "trust_framework": self.framework,
            "time": now,
            "verification_process": name,
            "evidence": [evidence],
        }
        return {"verification": verification, "claims": claims}

    def _signed(self, claims: Mapping[str, Any], **headers: str) -> str:
        key = self.keys[0]
        return jwt.encode(dict(claims), key, algorithm="ES256", headers={"kid": key["kid"], **headers})


def pending(verifier: Verifier) -> list[str]:
    """Names of the processes that somebody has still to decide."""
    return [name for name, process in verifier.processes.items() if process.status == "pending"]
