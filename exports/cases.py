"""One application, whole: what was asked and answered, in the order of the form, with its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from applications.gates import gates
from applications.listing import day_of, readable
from applications.models import Application, Attachment
from exports.rows import UNREADABLE
from formbuilder.runtime import RuntimeField

CHUNK = 100  # in memory at once


@dataclass(frozen=True, slots=True)
class Answered:
    """One item that the resident saw. answer: JSON, None when nothing was entered; text: for people."""

    field: RuntimeField
    answer: Any
    text: str
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One step."""

    title: str
    items: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Case:
    application: Application
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...]  # what identity, a slot or a payment adds

    @property
    def items(self) -> Iterator[Answered]:
        for section in self.sections:
            yield from section.items


def cases_of(applications: QuerySet[Application]) -> Iterator[Case]:
    """Oldest first, read and forgotten chunk by chunk."""
    wanted = (
        applications.order_by("received_at", "pk")
        .select_related("form", "version", "department")
        .prefetch_related("attachments")
    )
    found = wanted.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield from map(case_of, chunk)


def case_of(application: Application) -> Case:
    engine = application.version.engine
    answers, lost = readable(application)
    state = engine.state(answers, day_of(application))
    files: dict[str, list[Attachment]] = {}
    for file in application.attachments.all():
        files.setdefault(file.field_key, []).append(file)
    sections = []
    for step in state.steps:
        fields = [engine.fields[item.key] for item in step.fields if item.key in state.visible]
        items = tuple(
            _answered(field, state.answers.get(field.key), tuple(files.get(field.key, ())), field.key in lost)
            for field in fields
            if field.type.is_input
        )
        if items:
            sections.append(Section(step.title, items))
    return Case(application, tuple(sections), tuple(_facts(application)))


def _answered(field: RuntimeField, answer: Any, files: tuple[Attachment, ...], is_lost: bool) -> Answered:
    if is_lost:
        return Answered(field, None, UNREADABLE)
    if field.type.takes_files:
        return Answered(field, None, "\n".join(file.name for file in files), files)
    return Answered(field, answer, field.type.display(field.definition, answer))


def _facts(application: Application) -> Iterator[tuple[str, str]]:
    for gate in gates():
        if gate.applies(application):
            for label, text in gate.facts(application).items():
                yield str(label), str(text)
