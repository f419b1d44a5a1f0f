"""Loads the sample municipality into an empty database: all of it, or nothing."""

import json
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.crypto import get_random_string

from cms.models import Department
from demo.residents import submit_smile_gifts
from demo.sample_city import build_accounts, build_departments, build_site
from demo.topics import build_topics, file_forms
from formbuilder.importing import import_form

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


@transaction.atomic
def load(applications: int = APPLICATIONS) -> None:
    """The site, the departments, the accounts, the forms, and what residents have sent so far."""
    home = build_site()
    sections = build_departments(home)
    build_accounts(demo_password())
    data = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
    form = import_form(data, section=sections["kodomo"], publish=True)
    submit_smile_gifts(form, applications)
    build_topics()
    file_forms()
