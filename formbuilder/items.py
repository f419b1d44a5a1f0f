"""An editor's items as the compiler sees them: what each may speak of, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cms.models import Department
from formbuilder.conditions import compile_condition
from formbuilder.expressions.formula import Resolved, parse_formula
from formbuilder.expressions.kinds import KIND_LABELS, ExpressionError, Kind
from formbuilder.expressions.nodes import Expression, to_json
from formbuilder.expressions.typecheck import check
from formbuilder.fields.base import FieldType, Part
from formbuilder.fields.repeat import listed

Setting = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the form cannot be published; `block` is the id of the block that causes it, "" for the form itself.

    `where` says which block that is, for those who do not see the message beside it. `setting` is the one to blame, for
    those who do: ("condition",), ("name",), ("formula",), ("rules", 0); () is the block as a whole.
    """

    block: str
    message: str
    where: str = ""
    setting: Setting = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


@dataclass(frozen=True, slots=True)
class Item:
    """A field block as it stands in the editor; `faults` says which of its settings cannot be used."""

    key: str
    type: FieldType
    value: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    rows: tuple["Item", ...] = ()  # the items of a row, of a group

    @property
    def label(self) -> str:
        return str(self.value.get("label") or "").strip()

    @property
    def name(self) -> str:
        return str(self.value.get("name") or "").strip() or self.label

    @property
    def where(self) -> str:
        return f"「{self.label}」" if self.label else f"見出しのない「{self.type.label}」"

    @property
    def parts(self) -> Mapping[str, Part]:
        """What conditions and formulas may speak of, where it is not the whole answer."""
        rows = ((inner.key, listed(inner.name, inner.type.kind)) for inner in self.rows)
        return {**self.type.editor_parts(self.value), **{key: part for key, part in rows if part}}


@dataclass
class Names:
    """The items of a form by key and by readable name: what conditions and formulas may speak of."""

    by_key: dict[str, Item] = field(default_factory=dict)
    by_name: dict[str, Item] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Kind of every "key" and "key.part", once all items are known."""
        found: dict[str, Kind] = {}
        for key, item in self.by_key.items():
            if item.type.kind is not None:
                found[key] = item.type.kind
            found |= {f"{key}.{part}": spec.kind for part, spec in item.parts.items()}
        return found

    def inside(self, group: Item) -> "Names":
        """What the items of a row of the group may speak of: those of the same row first."""
        own = Names()
        for inner in group.rows:
            if inner.type.is_input and inner.key:
                own.by_key[inner.key] = inner
                own.by_name.setdefault(inner.name, inner)
        return Names({**self.by_key, **own.by_key}, {**self.by_name, **own.by_name})

    def resolve(self, name: str, part: str | None = None) -> Resolved:
        """What ［name］ or ［name.part］ of a formula stands for."""
        item = self.by_name.get(name)
        if item is None:
            raise ExpressionError(f"「{name}」という項目がありません。項目名を確かめてください。")
        parts = item.parts
        if part is None:
            if item.type.kind is not None:
                return Resolved(item.key, None, item.type.kind)
            if not parts:
                raise ExpressionError(f"「{name}」（{item.type.label}）は式に使えません。")
            labels = "・".join(f"［{name}.{spec.label}］" for spec in parts.values())
            raise ExpressionError(f"「{name}」はこのままでは計算に使えません。{labels}のように書いてください。")
        for code, spec in parts.items():
            if part in (code, spec.label):
                return Resolved(item.key, code, spec.kind)
        raise ExpressionError(f"「{name}」に「{part}」という部分はありません。")


class BlockCompiler:
    """What a field type may ask for while its block is compiled."""

    def __init__(
        self, key: str, names: Names, problems: list[Problem], where: str = "", department: Department | None = None
    ) -> None:
        self.key, self.names, self.problems, self.where, self.department = key, names, problems, where, department

    def problem(self, message: str, setting: Setting = ()) -> None:
        self.problems.append(Problem(self.key, message, self.where, setting))

    def expression(self, text: str, *kinds: Kind, setting: Setting = ("formula",)) -> Expression | None:
        """The formula, if its result is of one of the kinds; without any, of whatever kind."""
        try:
            parsed = parse_formula(text, self.names.resolve)
            found = check(parsed, self.names.kinds)
        except ExpressionError as error:
            self.problem(f"式: {error.message}", setting)
            return None
        if kinds and found not in kinds:
            wanted = "か".join(KIND_LABELS[kind] for kind in kinds)
            self.problem(f"式の結果が{wanted}になりません。", setting)
            return None
        return parsed

    def formula(self, text: str, *kinds: Kind) -> Any | None:
        parsed = self.expression(text, *kinds)
        return None if parsed is None else to_json(parsed)

    def condition(
        self, value: Mapping[str, Any] | None, what: str = "表示条件", setting: str = "condition"
    ) -> Expression | None:
        try:
            condition = compile_condition(value, self.names)
            if condition is not None:
                check(condition, self.names.kinds)
        except ExpressionError as error:
            self.problem(f"{what}: {error.message}", (setting,))
            return None
        return condition

    def item(self, name: str) -> Item | None:
        item = self.names.by_name.get(name.strip())
        if item is None:
            self.problem(f"「{name}」という項目がありません。項目名を確かめてください。")
        return item

    def rows(self, name: str) -> "GroupCompiler | None":
        item = self.names.by_name.get(name.strip())
        if item is None or not item.type.has_rows:
            self.problem(f"「{name}」という繰り返しの項目がありません。項目名を確かめてください。")
            return None
        return GroupCompiler(self, item)


class GroupCompiler(BlockCompiler):
    """Formulas of a block about each row of a group; problems land on the block."""

    def __init__(self, outside: BlockCompiler, group: Item) -> None:
        names = outside.names.inside(group)
        super().__init__(outside.key, names, outside.problems, outside.where, outside.department)
        self.group = group.key
