"""What types have in common whose boxes the editor names: each box is a part of the answer, and has its own column."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

_PLAIN = re.compile("[A-Za-z0-9_-]{1,40}")


def part_code(value: str) -> str:
    """The code of a part that the editor has called so: part of the id of a box, of a formula's JSON and of the API.

    Not its place in the list: a column of an export follows its part when others come before it.
    """
    return value if _PLAIN.fullmatch(value) else f"x{hashlib.sha256(value.encode()).hexdigest()[:10]}"


def repeated(options: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Labels, and values that are not labels, that two options share."""
    seen: set[str] = set()
    told: set[str] = set()
    for option in options:
        for text in dict.fromkeys((option["label"], option["value"])):
            if text in seen and text not in told:
                told.add(text)
                yield text
            seen.add(text)
