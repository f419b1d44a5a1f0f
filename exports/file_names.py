"""Names inside a ZIP: made by a pattern, safe to unpack anywhere, each of them once."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

DEFAULT = "{受付番号}/{項目}_{ファイル名}"
PLACES = ("受付番号", "申請者", "項目", "ファイル名", "番号", "受付日", "フォーム")
MOST = 80  # characters of one part of a name
_PLACE = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
# What Windows keeps for itself, with any extension
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)")


class BadPattern(Exception):
    """The pattern has a place that nobody can fill, or names no file; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def check_pattern(pattern: str) -> None:
    """Raises BadPattern."""
    unknown = [name for name in _PLACE.findall(pattern) if name not in PLACES]
    if unknown:
        raise BadPattern(f"{{{unknown[0]}}}は使えません。使えるのは{'、'.join(f'{{{name}}}' for name in PLACES)}です。")
    if "{" in _PLACE.sub("", pattern) or "}" in _PLACE.sub("", pattern):
        raise BadPattern("{ と } は、{受付番号} のように組にしてください。")
    if not pattern.strip("/ ") or len(pattern) > 200:
        raise BadPattern("ファイル名の決め方を、200字までで入力してください。")


def named(pattern: str, values: Mapping[str, str], taken: set[str]) -> str:
    """The name, which is added to `taken` in lower case; a second one like it gets a number.

    "/" of the pattern makes a folder, one of a value does not.
    """
    parts = [
        safe_part(_PLACE.sub(lambda place: _FORBIDDEN.sub("＿", values.get(place[1], "")), part))
        for part in pattern.split("/")
        if part.strip()
    ]
    path = PurePosixPath(*parts)
    extension = PurePosixPath(values.get("ファイル名", "")).suffix
    if extension and path.suffix.lower() != extension.lower():
        path = path.with_name(path.name + extension)
    name, number = path, 1
    while _folded(name) in taken:
        number += 1
        name = path.with_name(f"{path.stem}（{number}）{path.suffix}")
    taken.add(_folded(name))
    return str(name)


def _folded(path: PurePosixPath) -> str:
    """Equal for names that one of Windows, macOS and Linux takes for the same."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def safe_part(text: str) -> str:
    """One part of a path: nothing that leads elsewhere, nothing that Windows refuses."""
    plain = _FORBIDDEN.sub("＿", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    plain = plain.strip(" .")
    if len(plain) > MOST:
        stem, dot, extension = plain.rpartition(".")
        short = extension if dot and len(extension) <= 5 else ""
        plain = f"{(stem if short else plain)[: MOST - len(short) - 1].strip(' .')}{'.' if short else ''}{short}"
    if not plain:
        return "名前なし"
    return f"_{plain}" if _DEVICE.match(plain) else plain
