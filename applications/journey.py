"""Where a resident stands, computed from the form and the answers; never stored.

Pure: no database, no request, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from formbuilder.definition import StepDef
from formbuilder.engine import Engine
from formbuilder.japanese import Refused
from formbuilder.runtime import RuntimeField, State

UNFINISHED = "「{label}」の入力を確かめてください。"


@dataclass(frozen=True)
class Journey:
    """One look at an application. unfinished: keys of items whose boxes hold something that was refused; waived: of
    items that may stay empty although the form asks for them.
    """

    engine: Engine
    answers: Mapping[str, Any]
    today: date
    unfinished: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()

    @cached_property
    def state(self) -> State:
        return self.engine.state(self.answers, self.today)

    @property
    def steps(self) -> tuple[StepDef, ...]:
        """The steps that exist for these answers, in order."""
        return self.state.steps

    def problems(self, step: StepDef) -> dict[str, str]:
        """key -> what is missing or wrong in the step as it stands."""
        found = {}
        for item in step.fields:
            field = self.engine.fields[item.key]
            if field.type.is_input and item.key in self.state.visible and (message := self._problem(field)):
                found[item.key] = message
        return found

    def _problem(self, field: RuntimeField) -> str | None:
        key, state = field.key, self.state
        if key in self.unfinished:
            return UNFINISHED.format(label=field.definition.label)
        if key not in state.answers:
            needed = key in state.required and key not in self.waived
            return field.type.missing_message(field.definition) if needed else None
        if field.formula is None:
            try:
                field.type.normalise(field.definition, field.type.boxes(field.definition, state.answers[key]))
            except Refused as refused:
                return refused.message
        return state.broken.get(key)

    @cached_property
    def current(self) -> StepDef | None:
        """The first step that is not done; None when the resident may go to the check page."""
        for step in self.steps:
            if self.problems(step) or step.key in self.stops:
                return step
        return None

    @cached_property
    def stops(self) -> dict[str, RuntimeField]:
        """Key of a step -> the stop (対象外) that is certain once the step is answered, wherever the stop stands."""
        found: dict[str, RuntimeField] = {}
        for stop in self.state.stops:
            found.setdefault(self._decided_in(stop).key, stop)
        return found

    def _decided_in(self, stop: RuntimeField) -> StepDef:
        """The step with the last answer that the stop looks at; a condition without any is met where it stands."""
        keys = self.engine.stop_looks_at[stop.key]
        asking = [
            step
            for step in self.steps
            if any(item.key in keys and self.engine.fields[item.key].formula is None for item in step.fields)
        ]
        return asking[-1] if asking else stop.step

    @property
    def stopped(self) -> RuntimeField | None:
        """The stop that ends the way here, at the current step: nothing before it, or in it, is left to be mended."""
        step = self.current
        return None if step is None or self.problems(step) else self.stops.get(step.key)

    @property
    def is_complete(self) -> bool:
        return self.current is None

    def can_visit(self, step: StepDef) -> bool:
        """Whether every step before is done."""
        if step not in self.steps:
            return False
        return self.current is None or self.steps.index(step) <= self.steps.index(self.current)

    def next_step(self, step: StepDef) -> StepDef | None:
        """The step after; None after the last."""
        position = self.steps.index(step) + 1
        return self.steps[position] if position < len(self.steps) else None

    def previous_step(self, step: StepDef) -> StepDef | None:
        position = self.steps.index(step)
        return self.steps[position - 1] if position else None
