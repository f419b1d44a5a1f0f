"""What a form will look like, from a definition that nobody has published yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.expressions.nodes import Expression
from formbuilder.expressions.wording import describe
from formbuilder.fields import FIELD_TYPES
from formbuilder.runtime import CompiledForm
from formbuilder.skin import Filling, make_skin

UNFINISHED = "設定の途中の項目"


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One screen with all its items. `conditions`: (what, when it is shown), for what is not always there."""

    title: str
    intro: SafeString
    body: SafeString
    conditions: list[tuple[str, str]]


def preview_steps(definition: FormDefinition, *, is_whole: bool) -> list[PreviewStep]:
    """Every step as a resident would meet it, with all items shown; calculated ones if the definition is whole."""
    visible = frozenset(item.key for item in definition.fields())
    one_row: dict[str, Any] = {item.key: [{}] for item in definition.fields() if FIELD_TYPES[item.type].has_rows}
    everything = Filling(one_row, visible=visible, computed=_calculated(definition) if is_whole else {})
    items = {each.key: each for item in definition.fields() for each in (item, *item.fields)}
    return [
        PreviewStep(
            title=step.title,
            intro=mark_safe(expand_db_html(step.intro)),  # noqa: S308 - the editor has cleaned it
            body=make_skin(step).fill(everything),
            conditions=_conditions(step, items),
        )
        for step in definition.steps
    ]


def _calculated(definition: FormDefinition) -> dict[str, str]:
    """What calculated items show before anything is answered."""
    compiled = CompiledForm(definition)
    answers = compiled.state({}, timezone.localdate()).answers
    fields = ((key, field) for key, field in compiled.fields.items() if field.formula is not None)
    return {key: field.type.display(field.definition, answers.get(key)) for key, field in fields}


def _conditions(step: StepDef, items: dict[str, FieldDef]) -> list[tuple[str, str]]:
    every = (each for item in step.fields for each in (item, *item.fields))
    shown = [("この画面", step.visible), *((called(item), item.visible) for item in every)]
    return [(what, in_words(condition, items)) for what, condition in shown if condition is not None]


def called(item: FieldDef) -> str:
    return f"「{item.label}」" if item.label else FIELD_TYPES[item.type].label


def in_words(condition: Expression, items: Mapping[str, FieldDef]) -> str:
    def name_of(key: str, part: str | None) -> tuple[str, str | None]:
        item = items.get(key)
        if item is None:  # left out: its own settings cannot be used yet
            return UNFINISHED, None
        if part is None:
            return item.name, None
        found = FIELD_TYPES[item.type].formula_parts_of(item).get(part)
        return item.name, found.label if found else UNFINISHED

    def value_of(key: str, part: str | None, value: Any) -> str:
        item = items.get(key)
        if item is None or part is not None or FIELD_TYPES[item.type].kind == "number":
            return str(value)
        type_ = FIELD_TYPES[item.type]
        shown = type_.display(item, [value] if type_.multiple else value)
        return shown or ("はい" if value is True else "いいえ" if value is False else str(value))

    return describe(condition, name_of, value_of)
