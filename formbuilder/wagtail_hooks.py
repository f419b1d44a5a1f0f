"""What the page editor is given beside Wagtail's own."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from formbuilder.creating import make_once
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.fields.blocks import OPERATORS
from formbuilder.fields.choice import FixedChoiceType
from formbuilder.fields.repeat import LISTED
from formbuilder.home import FormsPanel, sections_for
from formbuilder.models import FormPage
from formbuilder.translation_views import translation_file, translations

hooks.register("before_create_page", make_once)


@hooks.register("insert_editor_js")
def buttons_wait_for_autosave() -> SafeString:
    return format_html('<script src="{}"></script>', static("formbuilder/js/editor/saving.js"))


@hooks.register("insert_editor_js")
def field_types_for_editor() -> SafeString:
    """Data for the scripts of editor/, which draw cards and lists of items."""
    types = json_script({name: _for_editor(type_) for name, type_ in FIELD_TYPES.items()}, "mg-field-types")
    return types + json_script(dict(OPERATORS), "mg-operators")


def _for_editor(type_: FieldType) -> dict[str, Any]:
    has_choices = any(name == "choices" for name, _ in type_.own_blocks())
    offers = "yes_no" if type_.kind == "boolean" else "choices" if has_choices else ""
    fixed = {"offered": list(type_.fixed.values())} if isinstance(type_, FixedChoiceType) else {}
    parts = {code: part.label for code, part in type_.formula_parts.items()}
    rows = {"rows": sorted(LISTED)} if type_.has_rows else {}  # kinds whose answers in all rows can be chosen
    own = {"own": type_.own_parts} if type_.own_parts else {}
    is_asked = type_.is_input and type_.is_asked
    return {"kind": type_.kind, "parts": parts, "offers": offers, "asked": is_asked, **rows, **fixed, **own}


@hooks.register("construct_homepage_panels")
def add_forms_panel(request: HttpRequest, panels: list[Any]) -> None:
    sections = sections_for(request.user)
    if sections:
        panels.append(FormsPanel(sections))


@hooks.register("register_admin_urls")
def translation_urls() -> list[URLPattern]:
    return [
        path("forms/<int:pk>/translations/", translations, name="form_translations"),
        path("forms/<int:pk>/translations.xlsx", translation_file, name="form_translation_file"),
    ]


@hooks.register("register_page_header_buttons")
def translations_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    if (
        isinstance(page.specific_deferred, FormPage)
        and not page.alias_of_id
        and page.permissions_for_user(user).can_edit()
    ):
        yield Button("翻訳", reverse("form_translations", args=(page.pk,)), icon_name="globe", priority=25)
