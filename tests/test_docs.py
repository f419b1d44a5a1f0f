"""The documentation names everything that it is there to explain."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from applications.status import Action, Status
from applications.subscribers import subscribers
from formbuilder.fields import FIELD_TYPES
from formbuilder.skin import FILLERS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
OWN_APPS = {path.parent.name for path in ROOT.glob("*/apps.py")}


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_environment_variable_is_explained() -> None:
    source = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in ("settings.py", "env.py"))
    named = set(re.findall(r"\"((?:MADOGUCHI_|DATABASE_URL|PORT)[A-Z_]*)\"", source))
    assert len(named) > 15
    explained = text_of("settings.md")
    missing = {
        name
        for name in named
        if f"`{name}`" not in explained and f"`{name.removeprefix('MADOGUCHI_SMTP')}`" not in explained
    }
    assert missing == set()


SEAMS = [
    *("API_ROUTERS", "APPLICATION_GATES", "APPLICATION_SUBSCRIBERS", "APPLICATION_PANELS"),
    *("APPLICATION_EXITS", "FORM_REQUIREMENTS"),
]


@pytest.mark.parametrize("seam", SEAMS)
def test_every_seam_and_what_it_lists_is_explained(seam: str) -> None:
    explained = text_of("settings.md")
    assert f"`{seam}`" in explained
    assert [path for path in getattr(settings, seam) if f"`{path}`" not in explained] == []


def test_every_field_type_has_its_row() -> None:
    table = text_of("field-types.md")
    assert [name for name in FIELD_TYPES if f"`{name}`" not in table] == []


def test_every_slot_of_a_template_is_explained() -> None:
    explained = text_of("extending.md")
    assert [kind for kind in FILLERS if f"`{kind}" not in explained] == []


def test_every_event_is_explained() -> None:
    explained = text_of("extending.md")
    kinds = {str(action) for action in Action} | {kind for s in subscribers().values() for kind in s.kinds}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in explained] == []


def test_every_status_is_in_the_glossary_with_its_japanese_word() -> None:
    glossary = text_of("glossary.md")
    assert [s for s in Status if s.label not in glossary or s.name not in glossary] == []


def test_every_command_of_ours_is_explained() -> None:
    explained = text_of("operating.md")
    ours = {name for name, app in get_commands().items() if app in OWN_APPS}
    assert "demo" in ours
    assert [name for name in sorted(ours) if f"`{name}" not in explained] == []


def test_every_app_is_on_the_map_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [app for app in sorted(OWN_APPS | {"config"}) if f"| `{app}` |" not in readme] == []


@pytest.mark.parametrize("page", sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")]), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    index = text_of("index.md")
    assert [adr.name for adr in sorted((DOCS / "adr").glob("*.md")) if f"adr/{adr.name}" not in index] == []
