"""The stand-ins for マイナアプリ and Stripe beside the demo, on origins of their own, with keys made at their start."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from identity.standin.keys import new_key, new_rsa_pair, public
from identity.standin.provider import StandIn as CardReader
from identity.standin.server import CRL_PATH
from identity.standin.server import Server as CardServer
from identity.standin.verifier import Verifier
from identity.standin.verifier_server import VerifierServer
from payments.standin.server import Server as TillServer
from payments.standin.standin import StandIn as Till

CLIENT = "madoguchi-demo"
AnyServer = TypeVar("AnyServer", CardServer, TillServer, VerifierServer)


@dataclass(frozen=True, slots=True)
class Beside:
    """connected: the environment that connects the program with it; line: what `make demo` says of it."""

    server: CardServer | TillServer
    connected: dict[str, str]
    line: str


def start(port: int) -> Iterator[Beside]:
    """Each on a port of its own from this one on, if that is free. With a real provider there is no need of another."""
    if not settings.IDENTITY["issuer"]:
        yield _start_identity(port)
    if not settings.STRIPE["key"]:
        yield _start_payments(port + 1)
    if not settings.EKYC["issuer"]:
        yield _start_ekyc(port + 2)


def _start_identity(port: int) -> Beside:
    key = new_key()
    private, relying = new_rsa_pair()
    standin = CardReader(
        CLIENT,
        public(key),
        frozenset({f"{settings.BASE_URL}/identity/callback/"}),
        relying_key=relying,
    )
    server = _on(port, lambda port: CardServer(standin, port))
    connected = {
        "MADOGUCHI_IDENTITY_ISSUER": standin.issuer,
        "MADOGUCHI_IDENTITY_CLIENT_ID": CLIENT,
        "MADOGUCHI_IDENTITY_CLIENT_KEY": json.dumps(key),
        "MADOGUCHI_SIGNATURE_ANCHORS": standin.authority.pem,
        "MADOGUCHI_SIGNATURE_CRL": f"{server.origin}{CRL_PATH}",
        "MADOGUCHI_SIGNATURE_KEY": private,
    }
    line = f"本人確認     {server.origin}/ （マイナアプリの代わり。練習用のカードを読み取る画面です）"
    return Beside(server, connected, line)


def _start_ekyc(port: int) -> Beside:
    key = new_key()
    back = frozenset({f"{settings.BASE_URL}/identity/callback/"})
    standin = Verifier(CLIENT, public(key), back, webhook=f"http://127.0.0.1:{settings.PORT}/identity/ekyc/notice/")
    server = _on(port, lambda port: VerifierServer(standin, port))
    connected = {
        "MADOGUCHI_EKYC_ISSUER": standin.issuer,
        "MADOGUCHI_EKYC_CLIENT_ID": CLIENT,
        "MADOGUCHI_EKYC_CLIENT_KEY": json.dumps(key),
    }
    line = f"eKYC         {server.origin}/control （本人確認の会社の代わり。審査の結果を決められます）"
    return Beside(server, connected, line)


def _start_payments(port: int) -> Beside:
    standin = Till(f"http://127.0.0.1:{settings.PORT}/payments/stripe/webhook/")
    server = _on(port, lambda port: TillServer(standin, port))
    connected = {
        "MADOGUCHI_STRIPE_KEY": standin.key,
        "MADOGUCHI_STRIPE_WEBHOOK_SECRET": standin.secret,
        "MADOGUCHI_STRIPE_API": server.origin,
    }
    line = f"支払い       {server.origin}/control （Stripeの代わり。通知の重複や遅れ、障害、異議を起こせます）"
    return Beside(server, connected, line)


def _on(port: int, serve: Callable[[int], AnyServer]) -> AnyServer:
    with suppress(OSError):
        return serve(port)
    return serve(0)
