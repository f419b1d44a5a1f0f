"""Loads the sample municipality into an empty database: all of it, or nothing; then the bookings."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import get_random_string
from wagtail.models import Site

from cms.models import Department, DepartmentPage
from demo.bulky_waste import build_bulky_waste
from demo.check_up import book_check_ups, build_check_up
from demo.payout import build_payout_source
from demo.residents import submit_smile_gifts
from demo.sample_city import build_accounts, build_departments, build_site
from demo.topics import build_topics, file_forms
from exports.opendata.models import OpenData
from formbuilder.importing import import_form
from formbuilder.models import FormPage

FORMS = Path(__file__).parent / "forms"
APPLICATIONS = 300


def is_loaded() -> bool:
    return Department.objects.exists()


def demo_password() -> str:
    """Made at the first start, kept beside the keys."""
    path = settings.DATA_DIR / "keys" / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(get_random_string(12, "abcdefghjkmnpqrstuvwxyz23456789"))
    return path.read_text(encoding="ascii").strip()


def load(applications: int = APPLICATIONS) -> None:
    """The site, the departments, the accounts, the forms, and what residents have sent and booked so far."""
    book_check_ups(_build(applications))


@transaction.atomic
def _build(applications: int) -> FormPage:
    """Everything but the bookings, which have transactions of their own. Returns the form of the check-up."""
    home = build_site()
    sections = build_departments(home)
    build_accounts(demo_password())
    form = import_form(_form("smile-gift"), section=sections["kodomo"], publish=True)
    build_payout_source(sections["kodomo"].department)
    submit_smile_gifts(form, applications)
    import_form(_form("juminhyo"), section=sections["shimin"], publish=True)
    check_up = _import_check_up(sections["kenko"])
    build_bulky_waste(sections["kankyo"].department)
    import_form(_form("riyo-card"), section=sections["shimin"], publish=True)
    import_form(_form("ogata-gomi"), section=sections["kankyo"], publish=True)
    build_topics()
    file_forms()
    OpenData.objects.create(site=Site.objects.get(is_default_site=True), is_on=True)
    return check_up


def _import_check_up(section: DepartmentPage) -> FormPage:
    """The reception first: a form is only published for one that is there."""
    build_check_up(section.department)
    return import_form(_form("sogo-kenshin"), section=section, publish=True)


def _form(name: str) -> Any:
    return json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))
