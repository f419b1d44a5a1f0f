"""Fills the reference site: the twelve items of bench/twelve.json as a page of contrib.forms."""

import json
from pathlib import Path
from typing import Any

from wagtail.models import Page, Site

from bench.refsite.models import FormField, FormPage

FORM_FILE = Path(__file__).parent.parent / "twelve.json"
SLUG = "apply"
TYPES = {"text": "singleline", "phone": "singleline", "email": "email", "date": "date", "textarea": "multiline"}
TYPES |= {"consent": "checkbox"}


def fill() -> None:
    """The form page below the site's root page, published."""
    form = json.loads(FORM_FILE.read_text(encoding="utf-8"))
    step = form["steps"][0]
    page = FormPage(title=form["form"]["title"], slug=SLUG, intro=step["intro"], thank_you_text=form["form"]["after"])
    page.form_fields = [_field(position, item) for position, item in enumerate(step["fields"])]
    root = Page.objects.get(pk=Site.objects.get(is_default_site=True).root_page_id)
    root.add_child(instance=page)
    page.save_revision().publish()


def _field(position: int, item: dict[str, Any]) -> FormField:
    settings = item["settings"]
    return FormField(
        sort_order=position,
        clean_name=item["id"],
        label=settings["label"],
        field_type=_type(item),
        required=settings.get("required", True),
        choices="\r\n".join(choice["label"] for choice in settings.get("choices", ())),
    )


def _type(item: dict[str, Any]) -> str:
    if item["type"] == "choice":
        return "dropdown" if item["settings"].get("widget") == "select" else "radio"
    return TYPES[item["type"]]
