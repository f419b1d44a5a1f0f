"""Fills a site with forms of 20, 100 and 300 items of every type, ten to a screen, and somebody who may edit them."""

from typing import Any

from django.contrib.auth import get_user_model

from bench.editor import NAME, PASSWORD, SIZES
from cms.models import Department
from cms.services import establish
from demo.sample_city import build_site
from formbuilder.fields import FIELD_TYPES
from formbuilder.importing import import_form
from formbuilder.package import FORMAT, VERSION

ON_A_SCREEN = 10


def fill() -> None:
    build_site()
    get_user_model().objects.create_superuser(NAME, "bench@example.jp", PASSWORD)
    section = establish(Department.objects.create(name="見本課", code="mihon"))
    for size in SIZES:
        import_form(big(size), section=section)


def big(size: int) -> dict[str, Any]:
    """A form file; every fifth item is shown only when the first one is answered with はい."""
    types = [name for name, type_ in FIELD_TYPES.items() if type_.is_input and type_.is_asked and not type_.has_rows]
    items = [_item(number, types) for number in range(size)]
    steps = [
        {"id": f"s{start}", "title": f"画面{start // ON_A_SCREEN + 1}", "fields": items[start : start + ON_A_SCREEN]}
        for start in range(0, size, ON_A_SCREEN)
    ]
    form = {"title": f"{size}項目", "code": f"items-{size}"}
    return {"format": FORMAT, "version": VERSION, "form": form, "steps": steps}


def _item(number: int, types: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {"label": f"項目{number}", "help": "説明の文です。"}
    if number and number % 5 == 0:
        rows = [{"field": "f0", "operator": "eq", "value": "はい"}]
        settings["condition"] = {"rows": rows, "match": "all"}
    return {"id": f"f{number}", "type": types[number % len(types)] if number else "yes_no", "settings": settings}
