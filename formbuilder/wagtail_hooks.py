"""What the page editor is given beside Wagtail's own."""

from typing import Any

from django.http import HttpRequest
from django.utils.html import json_script
from django.utils.safestring import SafeString
from wagtail import hooks

from formbuilder.creating import make_once
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.fields.repeat import LISTED
from formbuilder.home import FormsPanel, sections_for

hooks.register("before_create_page", make_once)


@hooks.register("insert_editor_js")
def field_types_for_editor() -> SafeString:
    """Data for field_picker.js, which draws the lists of items."""
    return json_script({name: _for_editor(type_) for name, type_ in FIELD_TYPES.items()}, "mg-field-types")


def _for_editor(type_: FieldType) -> dict[str, Any]:
    has_choices = any(name == "choices" for name, _ in type_.own_blocks())
    offers = "yes_no" if type_.kind == "boolean" else "choices" if has_choices else ""
    parts = {code: part.label for code, part in type_.formula_parts.items()}
    rows = {"rows": sorted(LISTED)} if type_.has_rows else {}  # kinds whose answers in all rows can be chosen
    return {"kind": type_.kind, "parts": parts, "offers": offers, **rows}


@hooks.register("construct_homepage_panels")
def add_forms_panel(request: HttpRequest, panels: list[Any]) -> None:
    sections = sections_for(request.user)
    if sections:
        panels.append(FormsPanel(sections))
