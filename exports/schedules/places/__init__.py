"""Where files go: each place takes a file under a name, and the same name again replaces it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Protocol


class Undelivered(Exception):
    """The file did not get there; the message is for staff, without secrets."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Parcel:
    """name: of the file, safe everywhere; department: its code; size in bytes; sha256 in hex."""

    name: str
    department: str
    content: IO[bytes]
    size: int
    sha256: str


class Put(Protocol):
    def __call__(self, where: Mapping[str, str], secret: str, parcel: Parcel) -> None:
        """Whole or not at all. Raises Undelivered."""
