"""A form version ready to run: everything that is computed once per version and used on every request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from formbuilder.compiler import computed_formula, dependencies
from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.expressions.evaluate import compile_expression
from formbuilder.expressions.kinds import Scalar
from formbuilder.expressions.nodes import Expression, references
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType

Answers = Mapping[str, Any]
Test = Callable[[Mapping[str, Scalar], date], Scalar]


@dataclass(frozen=True, slots=True)
class RuntimeField:
    """A field with its conditions compiled. `required` is a test, a constant, or a constant False."""

    definition: FieldDef
    type: FieldType
    step: StepDef
    step_visible: Test | None
    visible: Test | None
    required: Test | bool
    rules: tuple[tuple[Test, frozenset[str], str], ...]  # test, keys it looks at, message
    formula: Test | None

    @property
    def key(self) -> str:
        return self.definition.key

    def broken_rule(self, scope: Mapping[str, Scalar], today: date, missing: set[str]) -> str | None:
        """Message of the first rule that does not hold; a rule waits for the answers that are still missing."""
        for holds, looks_at, message in self.rules:
            if missing.isdisjoint(looks_at) and holds(scope, today) is not True:
                return message
        return None


@dataclass(frozen=True, slots=True)
class State:
    """What the answers make of a form: which items exist, and what expressions see.

    answers holds only what counts: answers to hidden items are left out, calculated items are filled in.
    """

    visible: frozenset[str]
    required: frozenset[str]
    steps: tuple[StepDef, ...]
    scope: Mapping[str, Scalar]
    answers: Answers
    broken: Mapping[str, str]  # key -> message of the first rule that does not hold
    stops: tuple[RuntimeField, ...]  # the eligibility stops (対象外) whose conditions hold


class CompiledForm:
    """One form version, ready to run. Immutable; shared by all requests of a process."""

    def __init__(self, definition: FormDefinition) -> None:
        self.definition = definition
        self.fields: dict[str, RuntimeField] = {}
        for step in definition.steps:
            step_visible = _test(step.visible)
            for item in step.fields:
                self.fields[item.key] = _runtime_field(item, step, step_visible)
        needs = dependencies(definition)
        self.order = [self.fields[key] for key in _in_order(definition, needs)]
        # key of a stop -> keys of the items whose answers decide whether it holds
        self.stop_looks_at = {
            item.key: frozenset(_behind(item.key, needs)) for item in definition.fields() if item.type == "stop"
        }
        self.by_slug = {step.slug: step for step in definition.steps}

    def state(self, answers: Answers, today: date) -> State:
        """Everything that follows from the answers, in one pass."""
        scope: dict[str, Scalar] = {}
        kept: dict[str, Any] = {}
        visible: set[str] = set()
        for item in self.order:
            if not (_holds(item.step_visible, scope, today) and _holds(item.visible, scope, today)):
                continue
            visible.add(item.key)
            answer = answers.get(item.key)
            if item.formula is not None:
                answer = item.type.normalise(item.definition, item.formula(scope, today))
            if answer is not None:
                kept[item.key] = answer
            for part, value in item.type.scalars(item.definition, answer).items():
                scope[f"{item.key}.{part}" if part else item.key] = value
        return self._judge(frozenset(visible), scope, kept, today)

    def _judge(self, visible: frozenset[str], scope: dict[str, Scalar], kept: dict[str, Any], today: date) -> State:
        shown = [item for key, item in self.fields.items() if key in visible]  # in the order of the form
        stops = tuple(item for item in shown if item.definition.type == "stop")
        required = {
            item.key
            for item in shown
            if item.required is True or (item.required and _holds(item.required, scope, today))
        }
        missing = required - kept.keys()
        broken = {}
        for item in shown:
            if item.key in kept and (message := item.broken_rule(scope, today, missing)):
                broken[item.key] = message
        steps = tuple(
            step
            for step in self.definition.steps
            if step.visible is None or any(item.key in visible for item in step.fields)
        )
        return State(visible, frozenset(required), steps, scope, kept, broken, stops)


def _runtime_field(item: FieldDef, step: StepDef, step_visible: Test | None) -> RuntimeField:
    formula = computed_formula(item)
    return RuntimeField(
        definition=item,
        type=FIELD_TYPES[item.type],
        step=step,
        step_visible=step_visible,
        visible=_test(item.visible),
        required=item.required if isinstance(item.required, bool) else compile_expression(item.required),
        rules=tuple(
            (compile_expression(rule.holds), frozenset(key for key, _ in references(rule.holds)), rule.message)
            for rule in item.rules
        ),
        formula=_test(formula),
    )


def _test(expression: Expression | None) -> Test | None:
    return None if expression is None else compile_expression(expression)


def _holds(test: Test | bool | None, scope: Mapping[str, Scalar], today: date) -> bool:
    return test is None or (callable(test) and test(scope, today) is True)


def _behind(key: str, needs: Mapping[str, set[str]]) -> set[str]:
    """Every item that decides about this one: directly, through a calculation, or by showing what decides."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        new = needs.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _in_order(definition: FormDefinition, needs: Mapping[str, set[str]]) -> list[str]:
    """Keys so that each comes after all it depends on; the order of the form otherwise."""
    done: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in done or key not in needs:
            return
        for need in sorted(needs[key]):
            visit(need)
        done[key] = None

    for item in definition.fields():
        visit(item.key)
    return list(done)
