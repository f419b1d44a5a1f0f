"""The Django form of one step, made once per version."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple

from django import forms

from formbuilder.definition import FieldDef, StepDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import BoxError, InputField
from formbuilder.fields.repeat import row_item
from formbuilder.japanese import Refused
from formbuilder.runtime import CompiledForm, RowForm, RowState, State

LONGEST_BOX = 20_000  # characters kept of a box that could not be taken
MOST_TICKS = 500  # values kept of a box that sends several


def shortened(boxes: Any) -> Any:
    """The boxes, none longer than LONGEST_BOX, no more than MOST_TICKS, and without the NUL that databases refuse."""
    if isinstance(boxes, str):
        return boxes[:LONGEST_BOX].replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(boxes, dict):
        return {part: shortened(box) for part, box in boxes.items()}
    return [shortened(box) for box in boxes[:MOST_TICKS] if isinstance(box, str | dict)]


def input_id(key: str) -> str:
    """Name and id of an item's first box."""
    return f"f-{key}"


class Mistake(NamedTuple):
    """What is wrong at one box. key: of the item, or as in `row_item`; anchor: id of the box to go to."""

    key: str
    part: str
    message: str
    summary: str
    anchor: str


def anchor_of(item: FieldDef, part: str = "") -> str:
    """Id of the box to go to: the wrong part, else the first box."""
    base, parts = input_id(item.key), FIELD_TYPES[item.type].parts_of(item)
    return f"{base}-{part if part in parts else next(iter(parts))}" if parts else base


class StepForm(forms.Form):
    """Reads one step: which of its items count, are needed and hold is decided with all the other answers.

    fixed: keys of items that keep their answer, whatever is posted.
    `data=None` means nothing was posted. After `is_valid()`, `state` is the form's state with the new answers,
    `taken` the answers of this step that could be taken (None: not answered), and `refused` the boxes of those that
    could not.
    """

    compiled: ClassVar[CompiledForm]
    step: ClassVar[StepDef]

    def __init__(
        self, *args: Any, answers: Mapping[str, Any], today: date, fixed: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.answers, self.today, self.fixed = answers, today, frozenset(fixed)
        self.state: State = self.compiled.state(answers, today)
        self.taken: dict[str, Any] = {}
        self.refused: dict[str, Any] = {}

    @property
    def inputs(self) -> dict[str, InputField]:
        """`fields`, with their type known."""
        return {key: field for key, field in self.fields.items() if isinstance(field, InputField)}

    def add_prefix(self, field_name: str) -> str:
        return input_id(field_name)

    def clean(self) -> dict[str, Any]:
        """Judge the step as a whole; an answer to an item that is not shown is dropped, with its errors."""
        given = {key: self.cleaned_data.get(key) for key in self.fields}
        for key, field in self.inputs.items():
            if key in self.fixed:
                self.errors.pop(key, None)
                given[key] = self.answers.get(key)
            elif field.type.takes_files:
                given[key] = self._files(key)
            elif key in self.errors and (group := self._group(key)):
                given[key] = group.type.read(group.group, self.boxes(key))[0]
        others = {key: answer for key, answer in self.answers.items() if key not in given}
        known = {key: answer for key, answer in given.items() if answer is not None}
        self.state = state = self.compiled.state({**others, **known}, self.today)
        self.taken = {key: state.answers.get(key) for key in self.fields if key not in self.errors}
        for key in [key for key in self.fields if key in self.errors]:
            if key in state.visible and self._stays_refused(key):
                self.refused[key] = shortened(self.boxes(key))
            else:
                del self.errors[key]
                self.taken[key] = state.answers.get(key)
        for key in self.fields:
            if key in state.visible and key not in self.errors:
                self._judge(key, state)
        return self.taken

    @property
    def groups(self) -> dict[str, RowForm]:
        """The items that have rows."""
        return {key: row for key in self.fields if (row := self.compiled.fields[key].row)}

    def _group(self, key: str) -> RowForm | None:
        return self.compiled.fields[key].row

    def _stays_refused(self, key: str) -> bool:
        """Of a group all is told at once: what was refused and what is missing; not what a row does not show."""
        group = self._group(key)
        if group is None:
            return True
        errors = self.errors[key].as_data()
        rows = group.typed(self.boxes(key), self.state, self.today)
        refused = [error for error in errors if isinstance(error, BoxError) and _is_shown(error, rows)]
        if not refused:
            return False
        places = {error.place for error in refused}
        touched = {place[0] for place in places if place} | {
            n for n, row in enumerate(rows) if group.is_given(row.answers)
        }
        missing = [
            BoxError(problem)
            for problem in group.problems(rows)
            if problem.place not in places and problem.place and problem.place[0] in touched
        ]
        del self.errors[key]
        self.add_error(key, forms.ValidationError(sorted([*refused, *missing], key=group.position)))
        return True

    def _files(self, key: str) -> Any:
        """Files are kept on their own, before the step is judged: what counts is the list in the draft."""
        field = self.inputs[key]
        try:
            return field.type.normalise(field.definition, self.answers.get(key) or [])
        except Refused as refused:
            self.add_error(key, refused.message)
            return self.answers.get(key)

    def boxes(self, key: str) -> Any:
        """What was posted into the item's boxes, as typed."""
        return self.fields[key].widget.value_from_datadict(self.data, self.files, input_id(key))

    def rows(self, key: str, boxes: Any) -> list[RowState]:
        """What the rows of a group are like with these boxes; none of any other item."""
        group = self._group(key)
        return group.typed(boxes, self.state, self.today) if group else []

    def mistakes(self) -> Iterator[Mistake]:
        """Everything that is wrong, in the order of the page."""
        for key, field in self.inputs.items():
            for error in self.errors[key].as_data() if key in self.errors else ():
                place = getattr(error, "place", None)
                item = field.definition
                if place and (group := self._group(key)):
                    item = row_item(item, place[0], group.fields[place[1]].definition)
                part = error.code or ""
                for message in error.messages:
                    yield Mistake(item.key, part, getattr(error, "at_box", message), message, anchor_of(item, part))

    def _judge(self, key: str, state: State) -> None:
        field, group = self.inputs[key], self._group(key)
        if key not in state.answers:
            if key in state.required:
                self.add_error(key, field.type.missing_message(field.definition))
        elif group and (problems := list(group.problems(state.rows[key]))):
            self.add_error(key, forms.ValidationError([BoxError(problem) for problem in problems]))
        elif key in state.broken:
            self.add_error(key, state.broken[key])


def _is_shown(error: BoxError, rows: list[RowState]) -> bool:
    """Whether the box that an error is about is there to be mended."""
    return error.place is None or error.place[1] in rows[error.place[0]].visible


def step_form_class(compiled: CompiledForm, step: StepDef) -> type[StepForm]:
    """The form class of a step: one InputField for each item that can be answered."""
    fields = {
        item.key: InputField(FIELD_TYPES[item.type], item)
        for item in step.fields
        if FIELD_TYPES[item.type].is_input and FIELD_TYPES[item.type].is_asked
    }
    made: type[StepForm] = type("CompiledStepForm", (StepForm,), {"compiled": compiled, "step": step})
    made.base_fields = dict(fields)  # not through the class body: a key may be any text, even "step"
    return made
