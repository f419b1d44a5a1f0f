"""A file name that is safe to show, to put into a download header and to unpack from a ZIP on Windows."""

import re
import unicodedata

from formbuilder.uploads.policy import Kind

MAX_LENGTH = 100
_FALLBACK = "添付ファイル"
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}\Z")
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
# Cc control, Cf invisible and bidirectional marks, Cs lone surrogates, Zl and Zp line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def display_name(raw: str | None, kind: Kind) -> str:
    """The last path part of `raw` with the extension of its real kind.

    The characters of the name itself stay as typed: normalising would turn 神 (U+FA19) into another character.
    """
    last = re.split(r"[/\\]", raw or "")[-1]
    visible = "".join(character for character in last if not _is_invisible(character))
    stem = _EXTENSION.sub("", _NOT_ON_WINDOWS.sub("_", visible)).strip().strip(".").strip()
    extension = kind.extensions[0]
    return (stem[: MAX_LENGTH - len(extension)].rstrip() or _FALLBACK) + extension


def _is_invisible(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return is_noncharacter or unicodedata.category(character) in _INVISIBLE
