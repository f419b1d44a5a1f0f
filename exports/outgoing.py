"""Requests to addresses that members of staff have typed: never into our own network.

The name is resolved once, every address that it has is checked, and the connection goes to one that was: a name server
that answers otherwise a moment later (DNS rebinding) changes nothing. No redirect is followed, no proxy is asked.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from applications.network import Address

CONNECT, ANSWER, DEADLINE = 5.0, 10.0, 15.0  # seconds: for the connection, between two pieces, for everything
MOST = 16 * 1024  # bytes of an answer that are read
TRIES = 3  # addresses of one name that are tried, one after the other
_URL = re.compile(r"https?://[!-~]{1,1000}")
# IPv6 addresses that carry one of IPv4 within: what they lead to is not what they look like
_CARRIERS = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class NotAllowed(Exception):
    """The address may not be asked; the message says why, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NoAnswer(Exception):
    """Nobody answered, or not in time; `kind` is a word for the log, without anything of the address."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. host: as the other side knows itself; path: with its query."""

    is_tls: bool
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Raises NotAllowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise NotAllowed("アドレスを読み取れません。https:// から始まるアドレスを入力してください。") from None
    if not _URL.fullmatch(url) or not host or parts.fragment:
        raise NotAllowed("アドレスを読み取れません。https:// から始まるアドレスを入力してください。")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("アドレスに、利用者名とパスワードは書けません。")
    is_tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_tls, host, port or (443 if is_tls else 80), path)


def addresses_of(host: str, port: int, *, plain: bool = False) -> list[str]:
    """Every address of the name, all of them allowed. plain: not encrypted, which only allowed networks may be.

    Raises NotAllowed, NoAnswer.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NoAnswer("名前が見つかりません") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for text in addresses:
        address = ipaddress.ip_address(text)
        if _is_granted(address):
            continue
        if not is_public(address):
            raise NotAllowed(
                "庁内など、公開されていないネットワークのアドレスには送れません。"
                "送る必要があるときは、システム管理者に相談してください。"
            )
        if plain:
            raise NotAllowed("https:// から始まるアドレスを入力してください。")
    return addresses


def _is_granted(address: Address) -> bool:
    """Whether the operator has said that this network may be asked (closed networks)."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in ipaddress.ip_network(each) for each in settings.OUTGOING_NETWORKS)


def is_public(address: Address) -> bool:
    """Whether the address belongs to the internet: not private, link-local (metadata), loopback, multicast, …"""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in carrier for carrier in _CARRIERS):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def check_url(url: str) -> None:
    """For who types it: as when it will be asked, except that a name may still be unknown. Raises NotAllowed."""
    target = target_of(url)
    with suppress(NoAnswer):
        addresses_of(target.host, target.port, plain=not target.is_tls)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    milliseconds: int


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises NotAllowed, NoAnswer."""
    return send("POST", url, body, headers, deadline=DEADLINE)


def send(method: str, url: str, body: bytes | IO[bytes], headers: Mapping[str, str], *, deadline: float) -> Answer:
    """deadline: seconds for all of it. With a file, headers have its Content-Length. Raises NotAllowed, NoAnswer."""
    target = target_of(url)
    addresses = addresses_of(target.host, target.port, plain=not target.is_tls)
    began = time.monotonic()
    line = _Line(target, addresses[:TRIES], began + deadline)
    guard = threading.Timer(deadline, line.cut)  # each piece may come in time, and all of them never end
    guard.daemon = True
    guard.start()
    try:
        line.request(method, target.path, body, dict(headers))
        answer = line.getresponse()
        answer.read(MOST)
        status = answer.status
    except TimeoutError:
        raise NoAnswer("時間切れ") from None
    except ssl.SSLError:
        raise NoAnswer("証明書・暗号化の問題") from None
    except (OSError, HTTPException, ValueError):
        raise NoAnswer("時間切れ" if line.is_cut else "接続できません") from None
    finally:
        guard.cancel()
        line.close()
    return Answer(status, int((time.monotonic() - began) * 1000))


class _Line(HTTPConnection):
    """A connection to one of the addresses that were checked, and to no other. until: by time.monotonic()."""

    def __init__(self, target: Target, addresses: list[str], until: float) -> None:
        super().__init__(target.host, target.port, timeout=ANSWER)
        self.target, self.addresses, self.until, self.is_cut = target, addresses, until, False

    def connect(self) -> None:
        """Raises TimeoutError also when `cut` came too early to find a socket."""
        self.sock = self._reached()
        self.sock.settimeout(self._left(ANSWER))
        if self.target.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host)
            self.sock.settimeout(self._left(ANSWER))

    def _left(self, most: float) -> float:
        """Seconds, at most so many. Raises TimeoutError when the time is over."""
        left = self.until - time.monotonic()
        if self.is_cut or left <= 0:
            raise TimeoutError
        return min(most, left)

    def _reached(self) -> socket.socket:
        """The first one that answers: a host may have an address of IPv6 that cannot be reached from here."""
        *others, last = self.addresses
        for address in others:
            with suppress(OSError):
                return socket.create_connection((address, self.target.port), timeout=self._left(CONNECT))
        return socket.create_connection((last, self.target.port), timeout=self._left(CONNECT))

    def cut(self) -> None:
        self.is_cut = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
