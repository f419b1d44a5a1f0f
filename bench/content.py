"""Fills our site: a department, and bench/twelve.json as its procedure."""

import json
from pathlib import Path

from cms.models import Department
from cms.services import establish
from demo.sample_city import build_site
from formbuilder.importing import import_form

FORM_FILE = Path(__file__).parent / "twelve.json"


def fill() -> None:
    """The form, published below its department's page."""
    build_site()
    section = establish(Department.objects.create(name="見本課", code="mihon"))
    import_form(json.loads(FORM_FILE.read_text(encoding="utf-8")), section=section, publish=True)
