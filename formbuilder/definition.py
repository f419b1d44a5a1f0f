"""The frozen document that an editor's blocks compile into and that every application pins.

Pure Python: no Django here. `to_json` and `from_json` are inverse; the JSON is what FormVersion keeps.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from formbuilder.expressions.nodes import Expression
from formbuilder.expressions.nodes import from_json as expression_from_json
from formbuilder.expressions.nodes import to_json as expression_to_json

SCHEMA = 1


class Presentation(StrEnum):
    """How the form is put to the resident."""

    STEPS = "steps"
    QUESTIONS = "questions"  # one a page


class DefinitionError(ValueError):
    """The JSON is not a form definition of a schema that this program reads."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must hold (入力規則); `message` tells the resident what to do when it does not."""

    holds: Expression
    message: str


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One item (項目) of a step.

    key: id of the StreamField block, the address of the answer; never changes.
    name: readable 項目名, used by formulas, exports and the API.
    required: True, False, or the condition under which an answer is needed.
    visible: the condition under which the item exists at all; None = always.
    fields: the items of one row, where the item is a repeated group (繰り返し); their conditions and rules are about
        the items of their own row and those outside.
    """

    key: str
    type: str
    name: str
    label: str
    help: str = ""
    required: bool | Expression = False
    visible: Expression | None = None
    sensitive: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    fields: tuple["FieldDef", ...] = ()

    @property
    def holds_sensitive(self) -> bool:
        """Whether the answer is sensitive, or any item of a row in it."""
        return self.sensitive or any(inner.sensitive for inner in self.fields)


@dataclass(frozen=True, slots=True)
class StepDef:
    """One screen (画面). `slug` is its place in the form, and its address."""

    key: str
    slug: str
    title: str
    intro: str = ""
    visible: Expression | None = None
    fields: tuple[FieldDef, ...] = ()


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """A whole form. `requires` maps a requirement's name to what the editor set for its gate; `presentation` is what
    holds until the resident chooses.
    """

    title: str
    steps: tuple[StepDef, ...]
    requires: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""
    presentation: Presentation = Presentation.STEPS
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language -> text -> translation
    mails: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # name -> "subject" and "body"

    def fields(self) -> Iterator[FieldDef]:
        for step in self.steps:
            yield from step.fields

    def to_json(self) -> dict[str, Any]:
        """Steps are not named as the presentation: such a form is the same document as before there was a choice."""
        chosen = {} if self.presentation == Presentation.STEPS else {"presentation": self.presentation.value}
        said = {"translations": {code: dict(texts) for code, texts in self.translations.items()}}
        mails = {"mails": {name: dict(said) for name, said in self.mails.items()}}
        return {
            **chosen,
            **(said if self.translations else {}),
            **(mails if self.mails else {}),
            "schema": SCHEMA,
            "title": self.title,
            "after": self.after,
            "requires": dict(self.requires),
            "steps": [_step_to_json(step) for step in self.steps],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FormDefinition":
        if data.get("schema") != SCHEMA:
            raise DefinitionError(f"schema {data.get('schema')!r} is not {SCHEMA}")
        try:
            return cls(
                title=data["title"],
                after=data["after"],
                requires=data["requires"],
                steps=tuple(_step_from_json(step) for step in data["steps"]),
                presentation=Presentation(data.get("presentation", Presentation.STEPS)),
                translations=data.get("translations", {}),
                mails=data.get("mails", {}),
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise DefinitionError(f"not a form definition: {problem!r}") from problem

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal: two equal forms have the same."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _optional(expression: Expression | None) -> Any:
    return None if expression is None else expression_to_json(expression)


def _read_optional(data: Any) -> Expression | None:
    return None if data is None else expression_from_json(data)


def _step_to_json(step: StepDef) -> dict[str, Any]:
    return {
        "key": step.key,
        "slug": step.slug,
        "title": step.title,
        "intro": step.intro,
        "visible": _optional(step.visible),
        "fields": [_field_to_json(item) for item in step.fields],
    }


def _step_from_json(data: Mapping[str, Any]) -> StepDef:
    return StepDef(
        key=data["key"],
        slug=data["slug"],
        title=data["title"],
        intro=data["intro"],
        visible=_read_optional(data["visible"]),
        fields=tuple(_field_from_json(item) for item in data["fields"]),
    )


def _field_to_json(item: FieldDef) -> dict[str, Any]:
    """Only a group has "fields": a form without one is the same document as before there were any."""
    rows = {"fields": [_field_to_json(inner) for inner in item.fields]} if item.fields else {}
    return {
        "key": item.key,
        "type": item.type,
        "name": item.name,
        "label": item.label,
        "help": item.help,
        "required": item.required if isinstance(item.required, bool) else expression_to_json(item.required),
        "visible": _optional(item.visible),
        "sensitive": item.sensitive,
        "options": dict(item.options),
        "rules": [{"holds": expression_to_json(rule.holds), "message": rule.message} for rule in item.rules],
        **rows,
    }


def _field_from_json(data: Mapping[str, Any]) -> FieldDef:
    required = data["required"]
    return FieldDef(
        key=data["key"],
        type=data["type"],
        name=data["name"],
        label=data["label"],
        help=data["help"],
        required=required if isinstance(required, bool) else expression_from_json(required),
        visible=_read_optional(data["visible"]),
        sensitive=data["sensitive"],
        options=data["options"],
        rules=tuple(Rule(expression_from_json(rule["holds"]), rule["message"]) for rule in data["rules"]),
        fields=tuple(_field_from_json(inner) for inner in data.get("fields", ())),
    )
