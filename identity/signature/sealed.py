"""The result of a signature, as it comes: encrypted to us (JWE). The one place that opens it."""

import base64
import json
from dataclasses import dataclass

from jose import jwe
from jose.exceptions import JOSEError

from identity.problems import Problem, Refused

ALGORITHM, ENCRYPTION = "RSA-OAEP-256", "A256GCM"
LONGEST = 65_536  # characters
BROKEN = (JOSEError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Signed:
    """certificate: DER."""

    signature: bytes
    certificate: bytes


def opened(token: object, key: str) -> Signed:
    """key: private, PEM. The token chooses no algorithm, and nothing is unpacked. Raises Refused."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Refused(Problem.REFUSED, "no result")
    try:
        header = jwe.get_unverified_header(token)
        if (header.get("alg"), header.get("enc")) != (ALGORITHM, ENCRYPTION) or "zip" in header:
            raise Refused(Problem.REFUSED, "algorithm of the result")
        said = json.loads(jwe.decrypt(token, key) or b"")
        return Signed(_bytes(said["signature"]), _bytes(said["certificate"]))
    except BROKEN as problem:
        raise Refused(Problem.REFUSED, f"result {type(problem).__name__}") from None


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
