"""`{% slot KIND [ARG] %}`: marks a place of a field's template that is filled anew for every resident.

The template itself is rendered once per form version (formbuilder/skin.py).
"""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from formbuilder.skin import mark
from formbuilder.translating import Native

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: dict[str, Any], kind: str, arg: object = "") -> SafeString:
    return mark_safe(mark(context["field"].key, kind, str(arg)))  # noqa: S308 - no text from outside: see skin.mark


@register.filter
def lang(text: str) -> SafeString:
    """The attribute of an element that holds such a text; empty for any other."""
    return mark_safe(' lang="ja"' if isinstance(text, Native) else "")  # noqa: S308 - of constants


@register.filter
def spoken(text: str) -> str:
    """A text of an editor's; one that stays Japanese on a page in another language says so."""
    return format_html('<span lang="ja">{}</span>', text) if isinstance(text, Native) else text
