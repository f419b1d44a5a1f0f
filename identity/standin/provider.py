"""What the stand-in knows and checks, without HTTP: requests, cards, codes and tokens."""

import hashlib
import re
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from jose import jwt
from jose.exceptions import JOSEError

from identity.standin.cards import PIN, SIGN_PIN, SIGN_TRIES, TRIES, Card, new_cards
from identity.standin.keys import new_key, public
from identity.standin.signing import Authority, Transaction, encrypted, new_transaction, signed

CODE_LIFE, TOKEN_LIFE, ASSERTION_MOST = 60, 300, 300  # seconds
SCOPES = frozenset({"openid", "name", "address", "birthdate", "gender", "sign"})
SIGN = "sign"
DIGEST_BYTES = 32
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PATH = "/api/realms/main"
PRINTABLE = re.compile("[\x21-\x7e]{1,255}")
CHALLENGE = re.compile("[A-Za-z0-9_-]{43}")


class Wrong(Exception):
    """A request that is refused; `error` is OAuth's word for why."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error, self.message = error, message


class Unknown(Exception):
    """Nobody to send the browser back to: the client, or its address, is not registered."""


@dataclass(frozen=True, slots=True)
class Request:
    """An authorization request that was taken."""

    redirect_uri: str
    scopes: frozenset[str]
    state: str
    nonce: str
    challenge: str
    acr: str
    transaction: str = ""  # of a signature

    @property
    def signs(self) -> bool:
        return bool(self.transaction)

    def back(self, **values: str) -> str:
        return f"{self.redirect_uri}?{urlencode({**values, 'state': self.state})}"


@dataclass(slots=True)
class Grant:
    """What a code stands for."""

    request: Request
    card: Card
    made: float
    is_used: bool = False
    skew: int = 0
    access_token: str = ""
    process: str = ""  # of an inspection (verifier.py)


@dataclass
class StandIn:
    """One provider with one client. issuer: set when the server knows its port; clock: seconds by which it is wrong;
    relying_key: the client's public RSA key as PEM, to which results of signatures are encrypted.
    """

    client_id: str
    client_key: Mapping[str, Any]  # public
    redirect_uris: frozenset[str]
    issuer: str = ""
    clock: int = 0
    cards: dict[str, Card] = field(default_factory=new_cards)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [new_key()])
    requests: dict[str, Request] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)
    relying_key: str = ""
    authority: Authority = field(default_factory=Authority)
    own_tokens: set[str] = field(default_factory=set)
    transactions: dict[str, Transaction] = field(default_factory=dict)

    def place(self, name: str) -> str:
        return f"{self.issuer}/protocol/openid-connect/{name}"

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.place("auth"),
            "token_endpoint": self.place("token"),
            "userinfo_endpoint": self.place("userinfo"),
            "jwks_uri": self.place("certs"),
            "response_types_supported": ["code"],
            "scopes_supported": sorted(SCOPES),
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public(key) for key in self.keys]}

    def rotate(self) -> None:
        """A new key signs from now on; the one before stays known for a while."""
        self.keys = [new_key(), *self.keys[:1]]

    # --- the browser

    def ask(self, given: Mapping[str, str]) -> str:
        """Take an authorization request; its id. Raises Unknown, Wrong."""
        if given.get("client_id") != self.client_id or given.get("redirect_uri") not in self.redirect_uris:
            raise Unknown
        scopes = frozenset(given.get("scope", "").split())
        for name in ("state", "nonce"):
            if not PRINTABLE.fullmatch(given.get(name, "")):
                raise Wrong("invalid_request", name)
        if given.get("response_type") != "code":
            raise Wrong("unsupported_response_type", "response_type")
        if "openid" not in scopes or not scopes <= SCOPES:
            raise Wrong("invalid_scope", "scope")
        if given.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(given.get("code_challenge", "")):
            raise Wrong("invalid_request", "PKCE")
        transaction = given.get("sign_transaction_id", "")
        if (SIGN in scopes) != bool(transaction) or (transaction and not self._is_new(transaction)):
            raise Wrong("invalid_request", "sign_transaction_id")
        request = Request(
            given["redirect_uri"],
            scopes,
            given["state"],
            given["nonce"],
            given["code_challenge"],
            given.get("acr_values", ""),
            transaction,
        )
        name = secrets.token_urlsafe(16)
        self.requests[name] = request
        return name

    def read_card(self, request: Request, card: Card, *, skew: int = 0) -> str:
        """The card was read with its number: the address to go back to."""
        if request.signs:
            self.transactions[request.transaction].signed_by = card
        code = secrets.token_urlsafe(32)
        self.grants[code] = Grant(request, card, time.time(), skew=skew)
        return request.back(code=code, session_state=secrets.token_urlsafe(16), iss=self.issuer)

    def try_pin(self, card: Card, pin: str, *, signs: bool) -> bool:
        """Counts down; a right number gives all tries back. signs: the number is that of the other certificate."""
        if signs:
            is_right = bool(card.sign_tries) and pin == SIGN_PIN
            card.sign_tries = SIGN_TRIES if is_right else max(0, card.sign_tries - 1)
        else:
            is_right = bool(card.tries) and pin == PIN
            card.tries = TRIES if is_right else max(0, card.tries - 1)
        return is_right

    def _is_new(self, transaction: str) -> bool:
        return transaction in self.transactions and self.transactions[transaction].signed_by is None

    # --- the client

    def exchange(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises Wrong."""
        self._authenticate(given)
        if given.get("grant_type") == "client_credentials":
            token = secrets.token_urlsafe(32)
            self.own_tokens.add(token)
            return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE}
        if given.get("grant_type") != "authorization_code":
            raise Wrong("unsupported_grant_type", "grant_type")
        grant = self.grants.get(given.get("code", ""))
        if grant is None or time.time() - grant.made > CODE_LIFE:
            raise Wrong("invalid_grant", "code")
        if grant.is_used:  # somebody else has it too: what it gave is taken back
            self.tokens.pop(grant.access_token, None)
            raise Wrong("invalid_grant", "code was used")
        if given.get("redirect_uri") != grant.request.redirect_uri:
            raise Wrong("invalid_grant", "redirect_uri")
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.request.challenge:
            raise Wrong("invalid_grant", "code_verifier")
        grant.is_used, grant.access_token = True, secrets.token_urlsafe(32)
        self.tokens[grant.access_token] = grant
        return {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "scope": " ".join(sorted(grant.request.scopes)),
            "id_token": self.id_token(self.id_claims(grant), grant.access_token),
        }

    def id_claims(self, grant: Grant) -> dict[str, Any]:
        now = int(time.time()) + self.clock + grant.skew
        return {
            "iss": self.issuer,
            "sub": grant.card.subject,
            "aud": self.client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + TOKEN_LIFE,
            "nonce": grant.request.nonce,
            "acr": grant.request.acr,
        }

    def id_token(self, claims: Mapping[str, Any], access_token: str) -> str:
        key = self.keys[0]
        return jwt.encode(dict(claims), key, algorithm="ES256", headers={"kid": key["kid"]}, access_token=access_token)

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """Raises Wrong."""
        grant = self.tokens.get(access_token)
        if grant is None or time.time() - grant.made > TOKEN_LIFE:
            raise Wrong("invalid_token", "access token")
        return {"sub": grant.card.subject, **grant.card.claims(grant.request.scopes)}

    def begin_signature(self, access_token: str, digest: str) -> str:
        """A new transaction. Raises Wrong."""
        if access_token not in self.own_tokens:
            raise Wrong("invalid_token", "access token")
        try:
            raw = b64decode(digest, validate=True)
        except ValueError:
            raw = b""
        if len(raw) != DIGEST_BYTES:
            raise Wrong("invalid_request", "digest")
        name = new_transaction()
        self.transactions[name] = Transaction(raw)
        return name

    def signature(self, access_token: str, name: str) -> str:
        """What the card of this token signed, as JWE. Raises Wrong."""
        grant, transaction = self.tokens.get(access_token), self.transactions.get(name)
        if grant is None or transaction is None or grant.request.transaction != name:
            raise Wrong("invalid_token", "access token")
        return encrypted(signed(self.authority, transaction), self.relying_key)

    def _authenticate(self, given: Mapping[str, str]) -> None:
        """private_key_jwt, all of it."""
        if given.get("client_assertion_type") != ASSERTION or given.get("client_id") != self.client_id:
            raise Wrong("invalid_client", "client_assertion_type")
        token = given.get("client_assertion", "")
        try:
            if jwt.get_unverified_header(token).get("kid") != self.client_key["kid"]:
                raise Wrong("invalid_client", "kid")
            claims = jwt.decode(
                token,
                dict(self.client_key),
                algorithms=["ES256"],
                audience=self.place("token"),
                issuer=self.client_id,
                subject=self.client_id,
                options={f"require_{name}": True for name in ("aud", "iat", "exp", "iss", "sub", "jti")},
            )
        except JOSEError as problem:
            raise Wrong("invalid_client", type(problem).__name__) from problem
        if claims["exp"] - time.time() > ASSERTION_MOST or claims["jti"] in self.assertions:
            raise Wrong("invalid_client", "exp or jti")
        self.assertions.add(claims["jti"])
