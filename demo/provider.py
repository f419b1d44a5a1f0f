"""The stand-in for マイナアプリ beside the demo: an origin of its own, keys that live as long as the demo."""

import json
from contextlib import suppress

from django.conf import settings

from identity.standin.keys import new_key, public
from identity.standin.provider import StandIn
from identity.standin.server import Server

CLIENT = "madoguchi-demo"


def start(port: int) -> tuple[Server, dict[str, str]]:
    """The provider, on this port if it is free, and the environment that connects the program with it."""
    key = new_key()
    standin = StandIn(CLIENT, public(key), frozenset({f"{settings.BASE_URL}/identity/callback/"}))
    server = None
    with suppress(OSError):
        server = Server(standin, port)
    server = server or Server(standin)
    connected = {
        "MADOGUCHI_IDENTITY_ISSUER": standin.issuer,
        "MADOGUCHI_IDENTITY_CLIENT_ID": CLIENT,
        "MADOGUCHI_IDENTITY_CLIENT_KEY": json.dumps(key),
    }
    return server, connected
