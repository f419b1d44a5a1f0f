"""Signed tokens: the one place that knows python-jose, which has traps (docs/identity.md).

One algorithm, never chosen by the token; keys only as JWK of an elliptic curve, chosen by `kid`, never raw bytes.
"""

import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

from jose import jwt
from jose.exceptions import JOSEError

from identity.problems import Problem, Refused

ALGORITHM = "ES256"
LEEWAY = 60  # seconds by which two clocks may differ
OLDEST = 600  # seconds since an ID token was issued
LONGEST = 16_384  # characters of a token
_REQUIRED = {f"require_{name}": True for name in ("aud", "iat", "exp", "iss", "sub")}

# what python-jose lets through when a token is made of something else than it expects
BROKEN = (JOSEError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def verified(
    token: object,
    *,
    key_of: Callable[[str], Mapping[str, Any]],
    issuer: str,
    audience: str,
    nonce: str,
    access_token: str,
) -> dict[str, Any]:
    """The claims of an ID token. key_of: the provider's key of that `kid`, raises Refused. Raises Refused."""
    claims = _opened(token, key_of, issuer=issuer, audience=audience, access_token=access_token)
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise Refused(Problem.REFUSED, "nonce")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", audience) != audience or (len(audiences) > 1 and "azp" not in claims):
        raise Refused(Problem.REFUSED, "azp")
    now = time.time()
    if not now - OLDEST <= float(claims["iat"]) <= now + LEEWAY:
        raise Refused(Problem.REFUSED, "iat")
    return claims


def signed_userinfo(token: str, *, key_of: Callable[[str], Mapping[str, Any]], issuer: str, audience: str) -> Any:
    """The claims of a userinfo answer that is itself a token. Raises Refused."""
    key = key_of(_kid(token))
    try:
        options = {"require_aud": True, "require_iss": True, "leeway": LEEWAY}
        return jwt.decode(token, dict(key), algorithms=[ALGORITHM], issuer=issuer, audience=audience, options=options)
    except BROKEN as problem:
        raise Refused(Problem.REFUSED, f"userinfo {type(problem).__name__}") from None


def signed_notice(
    token: str, kind: str, *, key_of: Callable[[str], Mapping[str, Any]], issuer: str, audience: str
) -> dict[str, Any]:
    """The claims of something that the provider tells of its own accord. kind: `typ`, so that no other token passes
    for one. Raises Refused.
    """
    claims = _opened(token, key_of, issuer=issuer, audience=audience)
    if str(jwt.get_unverified_header(token).get("typ", "")).lower() != kind:
        raise Refused(Problem.REFUSED, "typ")
    if float(claims["iat"]) > time.time() + LEEWAY:
        raise Refused(Problem.REFUSED, "iat")
    if not isinstance(claims.get("jti"), str) or not 0 < len(claims["jti"]) <= 255:
        raise Refused(Problem.REFUSED, "jti")
    return claims


def _opened(
    token: object,
    key_of: Callable[[str], Mapping[str, Any]],
    *,
    issuer: str,
    audience: str,
    access_token: str | None = None,
) -> dict[str, Any]:
    key = key_of(_kid(token))
    assert isinstance(token, str)  # or it would have no kid
    try:
        claims = jwt.decode(
            token,
            dict(key),
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=issuer,
            access_token=access_token,
            options={**_REQUIRED, "leeway": LEEWAY},
        )
        float(claims["iat"])
    except BROKEN as problem:
        raise Refused(Problem.REFUSED, type(problem).__name__) from None
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise Refused(Problem.REFUSED, "sub")
    return claims


def _kid(token: object) -> str:
    """Which key the token says it was signed with. Raises Refused when it says another algorithm, or nothing."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Refused(Problem.REFUSED, "no token")
    try:
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
    except BROKEN as problem:
        raise Refused(Problem.REFUSED, f"header {type(problem).__name__}") from None
    if algorithm != ALGORITHM:
        raise Refused(Problem.REFUSED, "algorithm")
    if not isinstance(kid, str) or not kid:
        raise Refused(Problem.REFUSED, "kid")
    return kid


def signed(claims: Mapping[str, Any], private_key: Mapping[str, Any]) -> str:
    """A token of our own, with the key's `kid`."""
    return jwt.encode(dict(claims), dict(private_key), algorithm=ALGORITHM, headers={"kid": private_key["kid"]})
