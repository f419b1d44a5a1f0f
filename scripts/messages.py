"""Keeps locale/ja, the Japanese texts of the staff screens: what Wagtail and its libraries lack, and corrections.

python scripts/messages.py compile   writes each .mo anew from its .po
python scripts/messages.py check     names what is missing, mismatched or stale; exit status 1 if anything is
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import polib  # type: ignore[import-untyped]  # polib ships no types

CATALOGUES = Path(__file__).resolve().parent.parent / "locale" / "ja" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
# Package -> a language whose catalogues name all its messages; some packages ship no English one.
PACKAGES = {"wagtail": "en", "taggit": "en", "formtools": "en", "django_filters": "fr", "treebeard": "fr"}
# %(name)s, %s, {name} and HTML tags: what a translation must repeat exactly
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdr]|\{\w*\}|</?[a-z][^>]*>")

Key = tuple[str, str, str]  # context, message, plural


def compile_all() -> None:
    for domain in DOMAINS:
        po = CATALOGUES / f"{domain}.po"
        po.with_suffix(".mo").write_bytes(_binary(po))


def problems() -> list[str]:
    """Everything that keeps staff from reading plain Japanese, one line each; empty when all is well."""
    found: list[str] = []
    for domain in DOMAINS:
        po = CATALOGUES / f"{domain}.po"
        found += [f"{domain}: no translation ({package}): {key[1]!r}" for package, key in untranslated(domain)]
        found += [f"{domain}: {line}" for line in mismatches(po)]
        if is_stale(po):
            found.append(f"{domain}: {domain}.mo does not match {domain}.po; run: python scripts/messages.py compile")
    return found


def untranslated(domain: str) -> Iterator[tuple[str, Key]]:
    """(package, message) for each message that neither the package's own Japanese nor ours translates."""
    ours = _translated(CATALOGUES / f"{domain}.po")
    for package, language in PACKAGES.items():
        for source in _catalogues(package, language, domain):
            theirs = _translated(source.parents[2] / "ja" / "LC_MESSAGES" / f"{domain}.po")
            for entry in polib.pofile(str(source)):
                key = _key(entry)
                if not entry.obsolete and key not in ours and key not in theirs:
                    yield package, key


def mismatches(po: Path) -> Iterator[str]:
    """Translations whose placeholders or tags differ from the message's. Japanese uses the plural form only."""
    for entry in polib.pofile(str(po)):
        _, message, plural = _key(entry)
        expected = Counter(PLACEHOLDER.findall(plural or message))
        if Counter(PLACEHOLDER.findall(_text(entry))) != expected:
            yield f"placeholders differ: {message!r} -> {_text(entry)!r}"


def is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.read_bytes() != _binary(po)


def _binary(po: Path) -> bytes:
    return bytes(polib.pofile(str(po)).to_binary())


def _catalogues(package: str, language: str, domain: str) -> list[Path]:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed")
    root = Path(spec.submodule_search_locations[0])
    paths = root.glob(f"**/locale/{language}/LC_MESSAGES/{domain}.po")
    return sorted(path for path in paths if "test" not in path.relative_to(root).parts)


def _translated(po: Path) -> set[Key]:
    if not po.exists():
        return set()
    return {_key(entry) for entry in polib.pofile(str(po)).translated_entries()}


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def _text(entry: polib.POEntry) -> str:
    return str(entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Japanese texts of the staff screens")
    parser.add_argument("action", choices=("compile", "check"))
    if parser.parse_args(arguments).action == "compile":
        compile_all()
        return 0
    found = problems()
    print("\n".join(found) or "The catalogue is complete.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
