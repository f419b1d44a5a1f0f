"""What a form will look like, from a definition that nobody has published yet."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from wagtail.rich_text import expand_db_html

from formbuilder.definition import FormDefinition
from formbuilder.skin import Filling, make_skin


@dataclass(frozen=True, slots=True)
class PreviewStep:
    title: str
    intro: str
    body: SafeString
    number: int


def preview_steps(definition: FormDefinition) -> list[PreviewStep]:
    """Every step as a resident would meet it, with all items shown."""
    everything = frozenset(item.key for item in definition.fields())
    return [
        PreviewStep(step.title, expand_db_html(step.intro), make_skin(step).fill(Filling({}, visible=everything)), n)
        for n, step in enumerate(definition.steps, start=1)
    ]
