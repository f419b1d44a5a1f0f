"""What an application would be with what the resident has typed for a correction; nothing here writes.

Who may change what is decided here alone: the named items, and items that had no place before and are asked for only
because of what was changed. Everything else stays, or vanishes because a condition does not hold any more.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from applications.answers import opened
from applications.channels import waived_by
from applications.gates import Gate, Moment, gates
from applications.journey import Journey
from applications.linking import proved
from applications.listing import day_of
from applications.models import Application, Attachment
from applications.vault import is_sealed, open_sealed
from dialogue.models import Correction, CorrectionFile
from formbuilder.definition import StepDef
from formbuilder.dependencies import dependencies
from formbuilder.engine import Engine
from formbuilder.runtime import RuntimeField

File = Attachment | CorrectionFile


def is_bound(application: Application) -> bool:
    """Whether a gate binds the answers as they are (a signature): what is changed is not what was signed."""
    return any(_binds(gate) and gate.applies(application) for gate in gates())


def _binds(gate: Gate) -> bool:
    return bool(getattr(gate, "binds_answers", False))


def correctable(application: Application) -> list[tuple[StepDef, list[RuntimeField]]]:
    """What an officer may name: everything that the resident answered or could have, but what a proof gave."""
    engine = application.version.engine
    state = engine.state(opened(application), day_of(application))
    made, fixed = [], proved(application)
    for step in state.steps:
        fields = [engine.fields[item.key] for item in step.fields if item.key in state.visible]
        if asked := [field for field in fields if _is_asked(field) and field.key not in fixed]:
            made.append((step, asked))
    return made


def _is_asked(field: RuntimeField) -> bool:
    return field.type.is_input and field.type.is_asked and field.formula is None


def changeable(engine: Engine, keys: Iterable[str], visible: frozenset[str], fixed: Iterable[str]) -> frozenset[str]:
    """keys: named; visible: what existed before. See above."""
    needs, named = dependencies(engine.definition), frozenset(keys) & engine.fields.keys()
    reached = set(named)
    for field in engine.order:  # each after all it depends on
        if not reached.isdisjoint(needs[field.key]):
            reached.add(field.key)
    new = {key for key in reached - visible if _is_asked(engine.fields[key])}
    return (named | new) - frozenset(fixed)


@dataclass(frozen=True)
class Mending:
    """One look at a correction."""

    application: Application
    correction: Correction

    @property
    def engine(self) -> Engine:
        return self.application.version.engine

    @cached_property
    def day(self) -> date:
        return day_of(self.application)

    @cached_property
    def before(self) -> dict[str, Any]:
        return opened(self.application)

    @cached_property
    def staged(self) -> dict[str, Any]:
        return self._open(self.correction.answers)

    @cached_property
    def unfinished(self) -> dict[str, Any]:
        return self._open(self.correction.unfinished)

    def _open(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        public_id = self.application.public_id
        return {key: open_sealed(said, public_id, key) if is_sealed(said) else said for key, said in stored.items()}

    @cached_property
    def may_change(self) -> frozenset[str]:
        return changeable(self.engine, self.correction.keys, self._was.state.visible, proved(self.application))

    @cached_property
    def answers(self) -> dict[str, Any]:
        """Merged. What may not be changed is not, whatever has got into the row."""
        staged = {key: said for key, said in self.staged.items() if key in self.may_change}
        return {key: said for key, said in {**self.before, **staged}.items() if said is not None}

    @cached_property
    def journey(self) -> Journey:
        unfinished = frozenset(self.unfinished) & self.may_change
        return Journey(self.engine, self.answers, self.day, unfinished, self._waived)

    @cached_property
    def _was(self) -> Journey:
        return Journey(self.engine, self.before, self.day, frozenset(), self._waived)

    @cached_property
    def _waived(self) -> frozenset[str]:
        return waived_by(self.engine, self.application.channel)

    @cached_property
    def problems(self) -> dict[str, str]:
        """key -> what keeps it from being resubmitted; what was so before (an older form, a rule of later) does not."""
        was = {key: told for step in self._was.steps for key, told in self._was.problems(step).items()}
        now = {key: told for step in self.journey.steps for key, told in self.journey.problems(step).items()}
        stops = {stop.key for stop in self._was.state.stops}
        new = {stop.key: stop.definition.label for stop in self.journey.state.stops if stop.key not in stops}
        return {key: told for key, told in now.items() if was.get(key) != told} | new

    @cached_property
    def changes(self) -> list[str]:
        """Keys of the items that would be otherwise, calculated ones too, in the order of the form."""
        was, now = self._was.state.answers, self.journey.state.answers
        return [key for key in self.engine.fields if was.get(key) != now.get(key)]

    @cached_property
    def files(self) -> dict[str, File]:
        """By public id: what the application has, and what was brought for the correction."""
        own: list[File] = list(self.application.attachments.all())
        brought: list[File] = list(self.correction.files.filter(is_former=False))
        return {file.public_id: file for file in [*own, *brought]}

    @property
    def applied(self) -> Application:
        """The application as it would be, in memory alone: for gates to look at."""
        made = copy.copy(self.application)
        made.answers = dict(self.answers)
        return made

    def closed_by(self) -> bool:
        """Whether a gate that stands open for the application would be closed by the changes.

        Not a signature: an officer has accepted that the changes have none.
        """
        guarding = [gate for gate in gates() if gate.moment in (Moment.START, Moment.CHECK)]
        guarding = [gate for gate in guarding if not (self.correction.is_unsigned and _binds(gate))]
        return any(
            gate.applies(self.applied) and not gate.is_open(self.applied) and gate.is_open(self.application)
            for gate in guarding
        )


def display_of(engine: Engine, key: str, answer: Any, files: Mapping[str, Any]) -> str:
    """An answer as people read it; of files their names."""
    field = engine.fields[key]
    if field.type.takes_files:
        return "、".join(files[each].name for each in answer or [] if each in files)
    return field.type.display(field.definition, answer)
