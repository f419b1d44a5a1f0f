"""One application as an officer reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from applications.gates import gates
from applications.listing import day_of, readable
from applications.models import Application, Attachment
from casework.access import HIDDEN, masked
from dialogue.models import CorrectionFile, LetterFile
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.fields.repeat import RepeatType
from formbuilder.runtime import RuntimeField

UNREADABLE = "（暗号を解けません。システム管理者に連絡してください）"


@dataclass(frozen=True, slots=True)
class File:
    attachment: Attachment | CorrectionFile | LetterFile
    may_open: bool

    @property
    def is_image(self) -> bool:
        return self.attachment.content_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Row:
    """One item. text: "" when it was left blank; is_masked: part of the answer is not shown to this reader."""

    label: str
    text: str
    files: list[File]
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One step. key: for the address of the panel."""

    key: str
    title: str
    rows: list[Row]


def sections_of(application: Application, *, show_sensitive: bool) -> list[Section]:
    """Every item that the resident saw, in the order of the version that was filled in."""
    engine = application.version.engine
    answers, lost = readable(application)
    # the form as it stood for the resident: conditions may look at the day
    state = engine.state(answers, day_of(application))
    files = _files_by_item(application)
    made = []
    for step in state.steps:
        fields = (engine.fields[item.key] for item in step.fields if item.key in state.visible)
        rows = [
            _row(field, state.answers, files.get(field.key, []), show_sensitive, lost)
            for field in fields
            if field.type.is_input
        ]
        if rows:
            made.append(Section(step.key, step.title, rows))
    return made


def answers_by_item(application: Application, *, show_sensitive: bool) -> dict[str, str]:
    """Key of each item that the resident saw -> the answer as text, of files their names; "" where left blank."""
    engine = application.version.engine
    answers, lost = readable(application)
    state = engine.state(answers, day_of(application))
    files = _files_by_item(application)
    made = {}
    for field in (engine.fields[key] for key in state.visible):
        if field.type.is_input:
            row = _row(field, state.answers, files.get(field.key, []), show_sensitive, lost)
            names = [file.attachment.name if file.may_open else HIDDEN for file in row.files]
            made[field.key] = row.text or "、".join(names)
    return made


def _row(
    field: RuntimeField,
    answers: Mapping[str, Any],
    files: list[Attachment],
    show_sensitive: bool,
    lost: frozenset[str],
) -> Row:
    item, hidden = field.definition, field.definition.holds_sensitive and not show_sensitive
    if field.key in lost:
        return Row(item.label, UNREADABLE, [], False)
    if field.type.takes_files:
        return Row(item.label, "", [File(file, not hidden) for file in files], hidden and bool(files))
    answer = answers.get(field.key)
    if hidden and answer is not None:
        return Row(item.label, _masked_answer(field.type, item, answer), [], True)
    return Row(item.label, field.type.display(item, answer), [], False)


def _masked_answer(type_: FieldType, item: FieldDef, answer: Any) -> str:
    """The end of an account number says which account; the end of any other part says too much."""
    if isinstance(type_, RepeatType) and not item.sensitive:
        return type_.display_with(item, answer, _masked_inside)
    if "number" in type_.parts:
        return masked(str(answer.get("number", ""))) or HIDDEN
    if type_.parts or type_.splits or "choices" in item.options:  # the end of an option tells which it is
        return HIDDEN
    return masked(type_.display(item, answer))


def _masked_inside(inner: FieldDef, answer: Any) -> str:
    """An item of a row: in a group, only some may be sensitive."""
    type_ = FIELD_TYPES[inner.type]
    return _masked_answer(type_, inner, answer) if inner.sensitive else type_.display(inner, answer)


def may_open(application: Application, attachment: Attachment | CorrectionFile, *, show_sensitive: bool) -> bool:
    """Whether the reader may look into the file; one whose item is unknown counts as sensitive."""
    if show_sensitive:
        return True
    field = application.version.engine.fields.get(attachment.field_key)
    return field is not None and not field.definition.sensitive


def _files_by_item(application: Application) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for file in application.attachments.all():
        found.setdefault(file.field_key, []).append(file)
    return found


def gate_facts(application: Application) -> list[tuple[str, str]]:
    """(label, text) of what identity, a slot or a payment adds to the case."""
    return [
        (str(label), str(text))
        for gate in gates()
        if gate.applies(application)
        for label, text in gate.facts(application).items()
    ]
