"""Requests to addresses that staff have typed lead nowhere into our own network."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from exports import outgoing
from exports.outgoing import NoAnswer, NotAllowed, addresses_of, check_url, is_public, post, target_of
from tests.support.webhook import webhook


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
        ),
        *("224.0.0.1", "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_no_address_of_a_network_that_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(NotAllowed):
        check_url(f"https://{host}/")


@pytest.mark.parametrize("address", ["203.0.114.5", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "localhost.", "LOCALHOST"],
)
def test_other_spellings_of_the_own_machine_are_the_own_machine(host: str) -> None:
    with pytest.raises((NotAllowed, NoAnswer)):
        addresses_of(target_of(f"https://{host}/").host, 443)


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://example.jp/", "https://", "https:///x", "https://user:pass@example.jp/", "https://example.jp/#a"),
        *("https://example.jp:99999/", "https://exa mple.jp/", "https://example.jp/\r\nHost: x", "file:///etc/passwd"),
        *("https://[::1", "javascript:alert(1)", "https://example.jp\\@127.0.0.1/\x00"),
    ],
)
def test_what_is_no_address_is_refused_before_anybody_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked"))
    with pytest.raises(NotAllowed):
        check_url(url)


def answers(*addresses: str) -> Any:
    return lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]


def test_one_private_address_among_others_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(NotAllowed):
        addresses_of("example.jp", 443)


def test_plain_http_is_for_networks_that_were_granted_alone(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8"))
    with pytest.raises(NotAllowed):
        addresses_of("example.jp", 80, plain=True)
    settings.OUTGOING_NETWORKS = ["8.8.8.0/24"]
    assert addresses_of("example.jp", 80, plain=True) == ["8.8.8.8"]


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """A name server that says something else the second time is not asked a second time."""
    settings.OUTGOING_NETWORKS = ["127.0.0.2/32"]
    asked: list[str] = []
    reached: list[Any] = []

    def rebinding(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return answers("127.0.0.2" if len(asked) == 1 else "127.0.0.1")(host, port)

    def connect(address: Any, **_: Any) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NoAnswer):
        post("http://rebind.example/", b"{}", {})
    assert asked == ["rebind.example"] and reached == [("127.0.0.2", 80)]


def test_a_real_server_in_a_granted_network_is_reached_and_a_redirect_is_not_followed(
    settings: Settings,
) -> None:
    with webhook(302) as there:
        with pytest.raises(NotAllowed):
            post(there.url, b"{}", {})
        settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
        assert post(there.url, b"{}", {"Content-Type": "application/json"}).status == 302
        assert there.brought == [b"{}"]


@pytest.fixture
def dripping() -> Iterator[str]:
    """Sends a byte of its head every tenth of a second, for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                while True:
                    self.wfile.write(b"H")
                    time.sleep(0.1)
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_who_drips_is_cut_off(dripping: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(outgoing, "DEADLINE", 0.4)
    began = time.monotonic()
    with pytest.raises(NoAnswer) as refused:
        post(dripping, b"{}", {})
    assert refused.value.kind == "時間切れ" and time.monotonic() - began < 3


def test_who_accepts_and_never_speaks_tls_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(outgoing, "DEADLINE", 0.3)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NoAnswer) as refused:
        post(f"https://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {})
    assert refused.value.kind == "時間切れ" and time.monotonic() - began < 3


def test_a_connection_that_came_too_late_is_not_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(outgoing, "DEADLINE", 0.1)
    real = socket.create_connection

    def late(address: Any, timeout: float) -> socket.socket:
        time.sleep(0.2)
        return real(address, timeout=timeout)

    monkeypatch.setattr(socket, "create_connection", late)
    with webhook() as there:
        with pytest.raises(NoAnswer) as refused:
            post(there.url, b"{}", {})
        assert refused.value.kind == "時間切れ" and there.brought == []


def test_a_name_of_many_dead_addresses_costs_three_tries(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    waits: list[float] = []

    def dead(_: Any, timeout: float) -> socket.socket:
        waits.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", answers(*(f"127.0.1.{number}" for number in range(1, 9))))
    monkeypatch.setattr(socket, "create_connection", dead)
    monkeypatch.setattr(outgoing, "DEADLINE", 2.0)
    with pytest.raises(NoAnswer):
        post("http://many.example/", b"{}", {})
    assert len(waits) == 3 and max(waits) <= 2


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """(address, its certificate, for 127.0.0.1 and signed by itself)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mihon")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate.write_bytes(private + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with webhook() as there:
        there.wrap(context)
        yield there.url.replace("http:", "https:"), certificate


def test_only_a_certificate_that_is_believed_is_spoken_to(
    behind_tls: tuple[str, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    url, certificate = behind_tls
    with pytest.raises(NoAnswer) as refused:
        post(url, b"{}", {})
    assert "証明書" in refused.value.kind
    believing = ssl.create_default_context(cadata=certificate.read_text())
    monkeypatch.setattr(ssl, "create_default_context", lambda: believing)
    assert post(url, b"{}", {}).status == 200
    with pytest.raises(NoAnswer):
        post(url.replace("127.0.0.1", "localhost"), b"{}", {})  # the same server, under a name it has no proof of
