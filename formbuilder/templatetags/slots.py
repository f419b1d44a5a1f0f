"""`{% slot KIND [ARG] %}`: marks a place of a field's template that is filled anew for every resident.

The template itself is rendered once per form version (formbuilder/skin.py).
"""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from formbuilder.skin import mark

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: dict[str, Any], kind: str, arg: object = "") -> SafeString:
    return mark_safe(mark(context["field"].key, kind, str(arg)))  # noqa: S308 - no text from outside: see skin.mark
