"""A form version ready to run: everything that is computed once per version and used on every request."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.dependencies import computed_formula, dependencies, in_order, row_dependencies
from formbuilder.expressions.evaluate import compile_expression
from formbuilder.expressions.kinds import Scalar
from formbuilder.expressions.nodes import Expression, references
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import BoxError, FieldRefused, FieldType
from formbuilder.fields.repeat import RepeatType

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
    row: "RowForm | None" = None  # of a group

    @property
    def key(self) -> str:
        return self.definition.key

    def broken_rule(self, scope: Mapping[str, Scalar], today: date, missing: Set[str]) -> str | None:
        """Message of the first rule that does not hold; a rule waits for the answers that are still missing."""
        for holds, looks_at, message in self.rules:
            if missing.isdisjoint(looks_at) and holds(scope, today) is not True:
                return message
        return None

    def is_required(self, scope: Mapping[str, Scalar], today: date) -> bool:
        return self.required is True or (self.required is not False and _holds(self.required, scope, today))

    def take(self, answers: Answers, scope: dict[str, Scalar], kept: dict[str, Any], today: date) -> None:
        """Put what counts of the item into `kept`, and what expressions see of it into `scope`."""
        answer = answers.get(self.key)
        if self.formula is not None:
            answer = self.type.normalise(self.definition, self.formula(scope, today))
        elif self.row is not None and answer is not None:
            answer = self.row.counted(answer, scope, today)
        if answer is not None:
            kept[self.key] = answer
        for part, value in self.type.scalars(self.definition, answer).items():
            scope[f"{self.key}.{part}" if part else self.key] = value


@dataclass(frozen=True, slots=True)
class RowState:
    """What the answers make of one row. scope: what expressions see from within it, the items outside too.

    answers, by the keys of the row's items, holds only what counts, as in State.
    """

    visible: frozenset[str]
    required: frozenset[str]
    scope: Mapping[str, Scalar]
    answers: Answers
    broken: Mapping[str, str]


class RowForm:
    """The items of one row of a group, ready to run."""

    def __init__(self, group: FieldDef, type_: RepeatType, step: StepDef) -> None:
        self.group, self.type = group, type_
        self.fields = {inner.key: _runtime_field(inner, step, None) for inner in group.fields}
        self.order = [self.fields[key] for key in in_order(row_dependencies(group))]

    def counted(self, rows: Any, scope: Mapping[str, Scalar], today: date) -> list[dict[str, Any]] | None:
        """The rows in which something was answered, each with what counts; None when there are none."""
        kept = [self._look(row, scope, today)[1] for row in rows if isinstance(row, Mapping)]
        return [row for row in kept if self.is_given(row)] or None

    def is_given(self, row: Answers) -> bool:
        """Whether anything was answered; what is calculated does not make a row."""
        return any(self.fields[key].formula is None for key in row)

    def position(self, error: BoxError) -> tuple[int, int]:
        """Where on the page an error of the group belongs: first what is about all of it."""
        return (-1, 0) if error.place is None else (error.place[0], list(self.fields).index(error.place[1]))

    def state(self, row: Answers, scope: Mapping[str, Scalar], today: date, missing: Set[str]) -> RowState:
        """scope, missing: of the items outside."""
        visible, kept, whole = self._look(row, scope, today)
        shown = [field for key, field in self.fields.items() if key in visible]
        required = {field.key for field in shown if field.is_required(whole, today)}
        absent = missing | (required - kept.keys())
        broken = {
            field.key: message
            for field in shown
            if field.key in kept and (message := field.broken_rule(whole, today, absent))
        }
        return RowState(visible, frozenset(required), whole, kept, broken)

    def typed(self, boxes: Any, state: "State", today: date) -> list[RowState]:
        """One for each row of boxes as they stand on a page, whatever is wrong with them."""
        missing = state.required - state.answers.keys()
        return [self.state(row, state.scope, today, missing) for row in self.type.read(self.group, boxes)[0]]

    def _look(
        self, row: Answers, outside: Mapping[str, Scalar], today: date
    ) -> tuple[frozenset[str], dict[str, Any], dict[str, Scalar]]:
        scope, kept, visible = dict(outside), dict[str, Any](), set[str]()
        for item in self.order:
            if _holds(item.visible, scope, today):
                visible.add(item.key)
                item.take(row, scope, kept, today)
        return frozenset(visible), {key: kept[key] for key in self.fields if key in kept}, scope

    def problems(self, rows: Sequence[RowState]) -> Iterator[FieldRefused]:
        """What is missing or wrong in each row, in the order of the page."""
        for number, row in enumerate(rows):
            for key, field in self.fields.items():
                message = row.broken.get(key)
                if key in row.required and key not in row.answers:
                    message = field.type.missing_message(field.definition)
                if message:
                    yield self.type.at(self.group, number, field.definition, message)


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
    rows: Mapping[str, tuple[RowState, ...]]  # key of a group -> one for each row of its answer


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
        self.order = [self.fields[key] for key in in_order(needs)]
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
            item.take(answers, scope, kept, today)
        return self._judge(frozenset(visible), scope, kept, today)

    def exists(self, step: StepDef, visible: frozenset[str]) -> bool:
        """Whether the step is there. visible: keys of the items that are."""
        return step.visible is None or any(item.key in visible for item in step.fields)

    def _judge(self, visible: frozenset[str], scope: dict[str, Scalar], kept: dict[str, Any], today: date) -> State:
        shown = [item for key, item in self.fields.items() if key in visible]  # in the order of the form
        stops = tuple(item for item in shown if item.definition.type == "stop")
        required = {item.key for item in shown if item.is_required(scope, today)}
        missing = required - kept.keys()
        broken, rows = {}, {}
        for item in shown:
            if item.key not in kept:
                continue
            if item.row is not None:
                rows[item.key] = tuple(item.row.state(row, scope, today, missing) for row in kept[item.key])
                if problem := next(item.row.problems(rows[item.key]), None):
                    broken[item.key] = problem.message
            if message := item.broken_rule(scope, today, missing):
                broken.setdefault(item.key, message)
        steps = tuple(step for step in self.definition.steps if self.exists(step, visible))
        return State(visible, frozenset(required), steps, scope, kept, broken, stops, rows)


def _runtime_field(item: FieldDef, step: StepDef, step_visible: Test | None) -> RuntimeField:
    formula, type_ = computed_formula(item), FIELD_TYPES[item.type]
    return RuntimeField(
        definition=item,
        type=type_,
        step=step,
        step_visible=step_visible,
        visible=_test(item.visible),
        required=item.required if isinstance(item.required, bool) else compile_expression(item.required),
        rules=tuple(
            (compile_expression(rule.holds), frozenset(key for key, _ in references(rule.holds)), rule.message)
            for rule in item.rules
        ),
        formula=_test(formula),
        row=RowForm(item, type_, step) if isinstance(type_, RepeatType) else None,
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
