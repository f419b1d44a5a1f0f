"""The sign transactions of デジタル認証アプリ: a digest goes there, a signature comes back."""

import base64
import re
from urllib.parse import quote

from identity import client, provider
from identity.problems import Problem, Refused
from identity.provider import Secrets
from identity.signature.config import SigningConfig
from identity.signature.sealed import Signed, opened

ID = re.compile("[A-Za-z0-9-]{8,64}")
SCOPES = ("sign",)


def begin(config: SigningConfig, digest: bytes) -> str:
    """The id of a new transaction for this SHA-256 digest. Raises Refused."""
    access = provider.token_of_our_own(config.provider)
    answer = client.post_json(config.api, {"digest": base64.b64encode(digest).decode()}, bearer=access)
    found = answer.get("sign_transaction_id") if isinstance(answer, dict) else None
    if not isinstance(found, str) or not ID.fullmatch(found):
        raise Refused(Problem.UNREACHABLE, "no transaction")
    return found


def authorization_url(config: SigningConfig, *, state: str, bound: Secrets, transaction: str) -> str:
    """Where the resident signs. Raises Refused."""
    return provider.authorization_url(
        config.provider, state=state, bound=bound, scopes=SCOPES, sign_transaction_id=transaction
    )


def result(config: SigningConfig, code: str, bound: Secrets, transaction: str) -> Signed:
    """What the resident signed. Raises Refused."""
    access, _ = provider.take_code(config.provider, code, bound)
    answer = client.get_json(f"{config.api}/{quote(transaction, safe='')}/result", bearer=access)
    return opened(answer.get("result") if isinstance(answer, dict) else None, config.key)
