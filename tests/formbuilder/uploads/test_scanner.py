"""Against a small clamd of our own that speaks the real protocol over real sockets (man clamd, "COMMANDS")."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from formbuilder.uploads.scanner import ClamdScanner, NoScanner, Scanner, Verdict

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MAX_STREAM = 1_000_000
Behaviour = Callable[[socket.socket], None]


def exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            raise ConnectionError("client hung up")
        data += piece
    return data


def scans_like_clamd(client: socket.socket) -> None:
    """INSTREAM as clamd does it: lengths in network order, a zero length ends, replies end with NUL."""
    assert exactly(client, 10) == b"zINSTREAM\0"
    stream = b""
    while size := struct.unpack(">I", exactly(client, 4))[0]:
        if len(stream) + size > MAX_STREAM:
            client.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
        stream += exactly(client, size)
    client.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in stream else b"stream: OK\0")


def hangs_up(client: socket.socket) -> None:
    client.recv(1)


def says(reply: bytes) -> Behaviour:
    def behaviour(client: socket.socket) -> None:
        exactly(client, 10)
        while size := struct.unpack(">I", exactly(client, 4))[0]:
            exactly(client, size)
        client.sendall(reply)

    return behaviour


def never_answers(client: socket.socket) -> None:
    while client.recv(65536):
        pass


def trickles(client: socket.socket) -> None:
    for _ in range(100):
        client.sendall(b"s")
        time.sleep(0.05)


def talks_without_end(client: socket.socket) -> None:
    while True:
        client.sendall(b"stream: " * 1000)


@contextmanager
def listening(behaviour: Behaviour, path: Path | None = None) -> Iterator[str]:
    """Serves one client and gives the address for the scanner."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen()

    def serve() -> None:
        try:
            client, _ = server.accept()
            with client:
                behaviour(client)
        except OSError:
            # The scanner gave up, which is what some tests are about.
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"unix://{path}" if path else f"tcp://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()
        thread.join(timeout=10)
    assert not thread.is_alive()


def verdict(behaviour: Behaviour, content: bytes, *, timeout: float = 10.0) -> Verdict:
    with listening(behaviour) as address:
        return ClamdScanner(address, timeout=timeout).scan(BytesIO(content))


@pytest.mark.parametrize("content", [b"", b"a", bytes(64 * 1024), bytes(64 * 1024 + 1), bytes(MAX_STREAM)])
def test_a_harmless_file_of_any_size_is_clean(content: bytes) -> None:
    assert verdict(scans_like_clamd, content) == Verdict("clean")


def test_the_test_virus_is_found_and_named() -> None:
    assert verdict(scans_like_clamd, bytes(100_000) + EICAR) == Verdict("infected", "Win.Test.EICAR_HDB-1")


def test_a_unix_socket_is_spoken_to_as_well(tmp_path: Path) -> None:
    with listening(scans_like_clamd, tmp_path / "clamd.ctl") as address:
        assert ClamdScanner(address).scan(BytesIO(EICAR)).state == "infected"


def test_reading_begins_where_the_file_stands() -> None:
    file = BytesIO(EICAR + b"the rest")
    file.seek(len(EICAR))
    with listening(scans_like_clamd) as address:
        assert ClamdScanner(address).scan(file) == Verdict("clean")


def test_a_file_above_the_limit_of_clamd_is_not_called_clean(tmp_path: Path) -> None:
    # A Unix socket delivers what was said before hanging up; with TCP it may be lost on the way.
    with listening(scans_like_clamd, tmp_path / "clamd.ctl") as address:
        answer = ClamdScanner(address).scan(BytesIO(bytes(20 * MAX_STREAM)))
    assert answer == Verdict("unavailable", "clamd: INSTREAM size limit exceeded. ERROR")
    assert verdict(scans_like_clamd, bytes(20 * MAX_STREAM)).state == "unavailable"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\0",
        b"UNKNOWN COMMAND\0",
        b"stream: OK",
        b"stream: OK\nstream: OK\0",
        b"stream: Can't allocate memory ERROR\0",
        b"other: OK\0",
        b"\xff\xfe\0",
    ],
)
def test_any_other_answer_is_not_called_clean(reply: bytes) -> None:
    answer = verdict(says(reply), b"content")
    assert answer.state == "unavailable"
    assert answer.detail.startswith("clamd: ")


@pytest.mark.parametrize("behaviour", [hangs_up, talks_without_end])
def test_a_scanner_that_misbehaves_is_unavailable(behaviour: Behaviour) -> None:
    assert verdict(behaviour, bytes(500_000)).state == "unavailable"


@pytest.mark.parametrize("behaviour", [never_answers, trickles])
def test_a_scanner_that_takes_too_long_is_unavailable_in_time(behaviour: Behaviour) -> None:
    started = time.monotonic()
    assert verdict(behaviour, b"content", timeout=0.3) == Verdict("unavailable", "clamd: timed out")
    assert time.monotonic() - started < 8


def test_a_file_that_is_slow_to_read_uses_up_the_time() -> None:
    class Slow(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            time.sleep(0.3)
            return super().read(size)

    with listening(never_answers) as address:
        answer = ClamdScanner(address, timeout=0.2).scan(Slow(b"content"))
    assert answer == Verdict("unavailable", "clamd: timed out")


def test_a_scanner_that_does_not_run_is_unavailable(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        tcp = ClamdScanner(f"tcp://127.0.0.1:{closed.getsockname()[1]}", timeout=2)
        assert tcp.scan(BytesIO(b"content")).state == "unavailable"
    unix = ClamdScanner(f"unix://{tmp_path}/missing.ctl")
    assert unix.scan(BytesIO(b"content")).state == "unavailable"


@pytest.mark.parametrize("address", ["", "localhost:3310", "tcp://localhost", "http://localhost:3310", "unix://"])
def test_an_address_that_makes_no_sense_is_noticed_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="clamd address must be"):
        ClamdScanner(address)


def test_without_a_scanner_every_file_passes_and_the_log_says_why() -> None:
    scanner: Scanner = NoScanner()
    assert scanner.scan(BytesIO(EICAR)) == Verdict("clean", "no scanner configured")
