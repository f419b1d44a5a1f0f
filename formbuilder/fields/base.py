"""What a field type is: every face of one kind of item, in one object.

A type is one file in this folder and one line in `FIELD_TYPES`; docs/extending.md shows how to add one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from django import forms
from django.utils.translation import gettext, gettext_noop
from wagtail import blocks

from cms.models import Department
from formbuilder.definition import FieldDef
from formbuilder.expressions.evaluate import scalar
from formbuilder.expressions.kinds import Kind, Scalar
from formbuilder.fields.shared import groups_of, shared_blocks, shared_options
from formbuilder.item_block import ItemBlock
from formbuilder.japanese import Refused

Answer = Any  # JSON, in the shape that docs/field-types.md gives for the type
Data = Mapping[str, str]
CellKind = Literal["text", "number", "date"]  # of a column of an export; a date is written YYYY-MM-DD
Place = tuple[int, str]  # number of a row from 0, key of an item in it


class FieldRefused(Refused):
    """The answer cannot be taken; `part` names the box that is wrong, "" when it is the whole item.

    place: (row, key) of the item inside a group that is to blame, None outside of rows; `at_box`: what to say there,
    where one can see which row it is.
    """

    def __init__(self, message: str, part: str = "", place: Place | None = None, at_box: str = "") -> None:
        super().__init__(message)
        self.part, self.place, self.at_box = part, place, at_box or message

    @property
    def each(self) -> "Sequence[FieldRefused]":
        """One for each box that is wrong."""
        return (self,)


@dataclass(frozen=True, slots=True)
class Part:
    """One box of an item that has several. `kind` is for formulas, where they see it: FieldType.formula_parts."""

    label: str
    kind: Kind = "text"


class FormulaCompiler(Protocol):
    """What a type may ask of the compiler while its block is compiled; problems land on the block."""

    department: Department | None  # of the form, while a requirement is compiled

    def formula(self, text: str, *kinds: Kind) -> Any | None:
        """The JSON of the expression, or None when it was refused. kinds: what its result may be, none: anything."""

    def problem(self, message: str) -> None: ...

    def item(self, name: str) -> "NamedItem | None":
        """The item of that name; None when there is none."""

    def rows(self, name: str) -> "RowCompiler | None":
        """For formulas about each row of the group of that name; None when there is no such group."""


class NamedItem(Protocol):
    """An item of the form that a requirement speaks of. value: what the editor set."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> "FieldType": ...
    @property
    def value(self) -> Mapping[str, Any]: ...


class RowCompiler(FormulaCompiler, Protocol):
    """In its formulas a name is an item of the same row, else one outside. group: key of the group."""

    group: str


class FieldType:
    """Base of all types. Override what differs."""

    name: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str] = "edit"
    group: ClassVar[str] = "基本"
    is_input: ClassVar[bool] = True  # False: shown only, never answered
    goes_before: ClassVar[bool] = False  # shown only: belongs to the question after it, not to the one before
    is_asked: ClassVar[bool] = True  # False: has an answer, but the resident does not give it
    takes_files: ClassVar[bool] = False
    assists: ClassVar[bool] = False  # its template has a button that fills in boxes: see `assist`
    assist_boxes: ClassVar[tuple[str, str]] = ("", "")  # part that a look-up starts from, and the one after it
    not_found: ClassVar[str] = ""  # what to tell whom a look-up cannot help
    has_rows: ClassVar[bool] = False  # the answer is a list of rows, each with the answers to FieldDef.fields
    in_rows: ClassVar[bool] = True  # False: cannot be an item of a row
    kind: ClassVar[Kind | None] = "text"  # of the whole answer in expressions; None: only parts, or nothing
    parts: ClassVar[Mapping[str, Part]] = {}  # its boxes, when there are several
    multiple: ClassVar[bool] = False  # the browser sends several values under one name
    sensitive: ClassVar[bool] = False  # default of the editor's switch
    example: ClassVar[Answer] = "見本"  # a valid answer with default settings: previews and tests
    missing: ClassVar[str] = gettext_noop("{label}を入力してください。")
    opens_condition: ClassVar[bool] = False  # the editor shows 表示条件 unfolded
    has_box: ClassVar[bool] = False  # one box of text, which may have a width and a sample in it
    takes_default: ClassVar[bool] = True  # the editor may write an answer that the boxes begin with
    is_secret: ClassVar[bool] = False  # sealed whatever the editor's switch says
    scripts: ClassVar[tuple[str, ...]] = ()  # modules that the page of such an item loads
    splits: ClassVar[bool] = False  # the editor, or the resident, says how many columns: see `items`
    own_parts: ClassVar[str] = ""  # setting with the options that are its parts: the editor's lists of items look there
    needs: ClassVar[str] = ""  # name of the requirement without which the item makes no sense

    # --- editor

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        """The settings that only this type has."""
        return []

    def label_block(self) -> blocks.CharBlock:
        return blocks.CharBlock(label="見出し（質問）", max_length=200)

    def block(self) -> ItemBlock:
        own = self.own_blocks()
        return ItemBlock(
            [("label", self.label_block()), *own, *shared_blocks(self, own)],
            label=self.label,
            icon=self.icon,
            group=self.group,
            label_format="{label}",
            form_layout=blocks.BlockGroup(groups_of(self, [name for name, _ in own])),
        )

    def editor_options(self, value: Mapping[str, Any]) -> list[dict[str, str]] | None:
        """`[{"value", "label"}]` of an item that offers choices, from the block's value; None of any other."""
        return None

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """JSON settings of the FieldDef, from the block's value."""
        return {}

    def options_of(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """`compile_options` with the settings that types have in common, as far as the editor has set them."""
        return {**shared_options(value), **self.compile_options(value, compiler)}

    # --- formulas

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        """The parts that conditions and formulas may speak of: none of an item that is one value in many boxes."""
        return self.parts if self.kind is None else {}

    def formula_parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        """`formula_parts` of this very item."""
        return self.formula_parts

    def editor_parts(self, value: Mapping[str, Any]) -> Mapping[str, Part]:
        """`formula_parts` of an item that is being edited, from the block's value."""
        return self.formula_parts

    def parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        """The boxes of this very item; `parts` where they do not depend on its settings."""
        return self.parts

    def scalars(self, field: FieldDef, answer: Answer | None) -> dict[str, Scalar]:
        """What expressions see: "" for the whole answer, and each of `formula_parts`."""
        if self.kind is not None:
            return {"": scalar(answer, self.kind)}
        given = answer if isinstance(answer, Mapping) else {}
        return {name: scalar(given.get(name), part.kind) for name, part in self.formula_parts_of(field).items()}

    def reading(self, field: FieldDef) -> dict[str, Any]:
        """What the page's script needs besides, to see what `scalars` sees."""
        return {}

    # --- resident

    def template(self) -> str:
        return f"formbuilder/fields/{self.name}.html"

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        """What the field's template needs besides `field`, `type`, `id`, `required`, `conditional`."""
        return {}

    def missing_message(self, field: FieldDef) -> str:
        """What to tell who left out an answer that is needed."""
        return gettext(self.missing).format(label=field.label)

    def posted(self, field: FieldDef, data: Any, files: Any, name: str) -> Any:
        """What a request brought for the item's boxes: the raw of `normalise`. name: of the first box."""
        if self.takes_files:
            return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])
        if parts := self.parts_of(field):
            return {part: data.get(f"{name}-{part}", "") for part in parts}
        if self.multiple:
            return data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return data.get(name, "")

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        """The answer to keep, or None for "not answered"; raises FieldRefused.

        raw: str; dict part -> str for a type with parts; list[str] with `multiple`.
        """
        raise NotImplementedError(self.name)  # a type that is answered says how; one that is only shown is never asked

    def assist(self, field: FieldDef, boxes: Mapping[str, str]) -> dict[str, str]:
        """Boxes to fill in when the resident asks for help without a script (住所を検索)."""
        return {}

    def offers(self, field: FieldDef, boxes: Mapping[str, str]) -> list[dict[str, str]]:
        """What boxes may become where the look-up finds several: the resident chooses one of them."""
        return []

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        """The inverse of `normalise`: what the boxes show for a kept answer, in the shape of raw."""
        if answer is None:
            return {} if self.parts_of(field) else [] if self.multiple else ""
        return answer

    def beginning(self, field: FieldDef, text: str) -> Any:
        """What the boxes begin with: the editor's 初期値. Nothing where that is no answer (any more)."""
        try:
            return self.boxes(field, self.normalise(field, self.written(field, text)))
        except Refused:
            return self.boxes(field, None)

    def written(self, field: FieldDef, text: str) -> Any:
        """The raw of `normalise` for an answer in one line of text; raises FieldRefused."""
        if self.parts_of(field) or self.takes_files or self.has_rows:
            raise FieldRefused(f"{field.label}を1行の文字では書けません。")
        return [word for word in text.split("、") if word] if self.multiple else text

    # --- everybody else

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        """For people: check page, mail, case page. May have several lines."""
        return "" if answer is None else str(answer)

    def revealed(self, field: FieldDef, answer: Answer | None) -> str:
        """`display`, for a member of staff who may see what is sensitive."""
        return self.display(field, answer)

    def headers(self, field: FieldDef) -> list[str]:
        """Column headings of an export."""
        return [field.name]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        """One text per heading."""
        return [self.display(field, answer)]

    def items(self, field: FieldDef) -> Iterator[FieldDef]:
        """The items whose columns stand for this one's, each with a key that `flat` uses."""
        yield field

    def flat(self, field: FieldDef, answer: Answer | None) -> dict[str, Answer]:
        """The answer by the keys of `items`."""
        return {} if answer is None else {field.key: answer}

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        """One per heading: what a spreadsheet may count with. What only looks like a number is a name for something."""
        return ["text"] * len(self.headers(field))

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        """JSON Schema of the answer, for the API and the docs."""
        return {"type": "string", "title": field.label}


class InputWidget(forms.Widget):
    """Reads an item's boxes from the posted data; the HTML comes from the field's own template."""

    def __init__(self, type_: FieldType, field: FieldDef) -> None:
        super().__init__()
        self.type, self.field = type_, field

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return self.type.posted(self.field, data, files, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class BoxError(forms.ValidationError):
    """An error at one box of an item; what FieldRefused says of it. The message is the one of the summary."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message, code=getattr(refused, "part", ""))
        self.place: Place | None = getattr(refused, "place", None)
        self.at_box: str = getattr(refused, "at_box", refused.message)


class InputField(forms.Field):
    """A Django form field that leaves every decision to the field type."""

    widget: InputWidget

    def __init__(self, type_: FieldType, field: FieldDef) -> None:
        # whether an answer is needed may depend on other answers: the step's form decides
        super().__init__(required=False, label=field.label, widget=InputWidget(type_, field))
        self.type, self.definition = type_, field

    def __deepcopy__(self, memo: dict[int, Any]) -> "InputField":
        """Django copies a form class's fields for every form; nothing in this one ever changes."""
        return self

    def clean(self, value: Any) -> Answer | None:
        if self.type.takes_files:
            return None  # the step's form looks at the files that are already kept
        try:
            return self.type.normalise(self.definition, value)
        except Refused as refused:
            raise forms.ValidationError([BoxError(one) for one in getattr(refused, "each", (refused,))]) from refused
