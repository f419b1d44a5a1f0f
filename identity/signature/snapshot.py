"""What a signature is made of: everything that the resident saw on the page, as one text that is always the same."""

import hashlib
import json
from typing import Any

from django.utils import timezone, translation

from applications.answers import opened
from applications.models import Application
from applications.pages import shown_rows
from cms.languages import NATIVE

FORMAT, VERSION = "madoguchi-application", 1


def document(application: Application) -> str:
    """Canonical JSON: sorted names, no spaces, UTF-8 as it is. The same application gives the same text.

    Labels and answers as they were shown, of every file its name, size and SHA-256. Raises VaultError.
    """
    with translation.override(NATIVE):  # whatever the page was read in, there is one text
        return _document(application)


def _document(application: Application) -> str:
    version = application.version
    state = version.engine.state(opened(application), application.declared_on or timezone.localdate())
    about: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "application": application.public_id,
        "form": {"code": application.form.code, "title": version.engine.definition.title, "version": version.number},
        "steps": [
            {
                "title": step.title,
                "items": [
                    {
                        "label": row.label,
                        "text": row.display,
                        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in row.files],
                    }
                    for row in rows.values()
                ],
            }
            for step, rows in shown_rows(version.engine, state, application)
        ],
    }
    return json.dumps(about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> bytes:
    """SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
