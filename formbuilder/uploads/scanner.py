"""The malware scanner hook. Which scanner is used is a matter of settings; this module knows none of them."""

import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Verdict:
    """`detail` is for the log: the signature found, or why no answer came. "unavailable" is never "clean"."""

    state: Literal["clean", "infected", "unavailable"]
    detail: str = ""


class Scanner(Protocol):
    def scan(self, file: BinaryIO, /) -> Verdict:
        """Reads `file` from where it stands. Never raises because of the scanner: that is "unavailable"."""
        ...


class NoScanner:
    """The operator has decided to run none."""

    def scan(self, _file: BinaryIO, /) -> Verdict:
        return Verdict("clean", "no scanner configured")


_PIECE = 64 * 1024
_MAX_REPLY = 4096
_FOUND = re.compile(r"stream: (.+) FOUND")


class ClamdScanner:
    """ClamAV's daemon, by its INSTREAM command (man clamd, "COMMANDS").

    `address`: "tcp://127.0.0.1:3310" or "unix:///run/clamav/clamd.ctl". `timeout`: seconds for the whole scan.
    """

    def __init__(self, address: str, *, timeout: float = 30.0) -> None:
        parts = urlsplit(address)
        is_tcp = parts.scheme == "tcp" and parts.hostname and parts.port
        if not is_tcp and not (parts.scheme == "unix" and parts.path):
            raise ValueError(f"clamd address must be tcp://host:port or unix:///path, not {address!r}")
        self._target = (parts.hostname, parts.port) if is_tcp else parts.path
        self._timeout = timeout

    def scan(self, file: BinaryIO, /) -> Verdict:
        deadline = time.monotonic() + self._timeout
        try:
            with self._connect() as clamd:
                reply = _ask(clamd, file, deadline)
        except OSError as error:
            return Verdict("unavailable", f"clamd: {error}")
        return _verdict(reply)

    def _connect(self) -> socket.socket:
        if isinstance(self._target, tuple):
            return socket.create_connection(self._target, timeout=self._timeout)
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(self._timeout)
        try:
            clamd.connect(self._target)
        except OSError:
            clamd.close()
            raise
        return clamd


def _ask(clamd: socket.socket, file: BinaryIO, deadline: float) -> str:
    """Pieces with a four-byte length, an empty one at the end; "z" means that command and reply end with NUL."""
    try:
        _send(clamd, b"zINSTREAM\0", deadline)
        while piece := file.read(_PIECE):
            _send(clamd, struct.pack(">I", len(piece)) + piece, deadline)
        _send(clamd, struct.pack(">I", 0), deadline)
    except ConnectionError:
        # clamd hangs up on a file above its StreamMaxLength, after it has said so.
        return _receive(clamd, deadline)
    return _receive(clamd, deadline)


def _send(clamd: socket.socket, data: bytes, deadline: float) -> None:
    clamd.settimeout(_left(deadline))
    clamd.sendall(data)


def _receive(clamd: socket.socket, deadline: float) -> str:
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _MAX_REPLY:
        clamd.settimeout(_left(deadline))
        piece = clamd.recv(_MAX_REPLY)
        if not piece:
            raise ConnectionError("hung up without a whole reply")
        reply += piece
    return reply.removesuffix(b"\0").decode("utf-8", "replace")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _verdict(reply: str) -> Verdict:
    if reply == "stream: OK":
        return Verdict("clean")
    if found := _FOUND.fullmatch(reply):
        return Verdict("infected", found[1])
    return Verdict("unavailable", f"clamd: {reply}")
