"""What people are told, in their language, without Django: the site says how to translate (formbuilder/apps.py)."""

from collections.abc import Callable


def gettext_noop(text: str) -> str:
    """Marks a text that is translated later."""
    return text


_translate: Callable[[str], str] = gettext_noop


def gettext(text: str) -> str:
    return _translate(text)


def translate_with(translate: Callable[[str], str]) -> None:
    global _translate
    _translate = translate
