"""Turns an editor's blocks into a FormDefinition, or says block by block why it cannot be published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from formbuilder.conditions import compile_condition
from formbuilder.definition import FieldDef, FormDefinition, Rule, StepDef
from formbuilder.expressions.cycles import find_cycle
from formbuilder.expressions.formula import Resolved, parse_formula
from formbuilder.expressions.kinds import ExpressionError, Kind
from formbuilder.expressions.nodes import Expression, from_json, references, to_json
from formbuilder.expressions.typecheck import check
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.requirements import requirements
from formbuilder.tidy import clean_html, plain, tidied

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


class CompileErrors(Exception):
    """The form cannot be published; `title` names it where several are published at once.

    `draft` is what could be compiled, for a preview: without the items whose own settings cannot be used.
    """

    title = ""

    def __init__(self, problems: list[Problem], draft: FormDefinition) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems, self.draft = problems, draft


@dataclass(frozen=True, slots=True)
class Item:
    """A field block as it stands in the editor; `faults` says which of its settings cannot be used."""

    key: str
    type: FieldType
    value: Mapping[str, Any]
    faults: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(self.value.get("label") or "").strip()

    @property
    def name(self) -> str:
        return str(self.value.get("name") or "").strip() or self.label

    @property
    def where(self) -> str:
        return f"「{self.label}」" if self.label else f"見出しのない「{self.type.label}」"


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
            found |= {f"{key}.{part}": spec.kind for part, spec in item.type.formula_parts.items()}
        return found

    def resolve(self, name: str, part: str | None = None) -> Resolved:
        """What ［name］ or ［name.part］ of a formula stands for."""
        item = self.by_name.get(name)
        if item is None:
            raise ExpressionError(f"「{name}」という項目がありません。項目名を確かめてください。")
        parts = item.type.formula_parts
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

    def __init__(self, key: str, names: Names, problems: list[Problem], where: str = "") -> None:
        self.key, self.names, self.problems, self.where = key, names, problems, where

    def problem(self, message: str, setting: Setting = ()) -> None:
        self.problems.append(Problem(self.key, message, self.where, setting))

    def expression(self, text: str, kind: Kind | None = None, setting: Setting = ("formula",)) -> Expression | None:
        try:
            parsed = parse_formula(text, self.names.resolve)
            found = check(parsed, self.names.kinds)
        except ExpressionError as error:
            self.problem(f"式: {error.message}", setting)
            return None
        if kind is not None and found != kind:
            wanted = {"boolean": "はい・いいえ", "number": "数"}.get(kind, kind)
            self.problem(f"式の結果が{wanted}になりません。", setting)
            return None
        return parsed

    def formula(self, text: str, kind: Kind | None = None) -> Any | None:
        parsed = self.expression(text, kind)
        return None if parsed is None else to_json(parsed)

    def condition(self, value: Mapping[str, Any] | None) -> Expression | None:
        try:
            condition = compile_condition(value, self.names)
            if condition is not None:
                check(condition, self.names.kinds)
        except ExpressionError as error:
            self.problem(f"表示条件: {error.message}", ("condition",))
            return None
        return condition


def compile_form(*, title: str, body: Iterable[Any], requires: Iterable[Any] = (), after: str = "") -> FormDefinition:
    """The definition of the form, or CompileErrors with every problem found.

    body: the StreamValue of steps; requires: the StreamValue of requirement blocks.
    """
    problems: list[Problem] = []
    steps = [(step, [_item(child, problems) for child in step.value["fields"]]) for step in body]
    names = _collect_names((item for _, items in steps for item in items), problems)
    compiled = tuple(
        _compile_step(step, position, items, names, problems) for position, (step, items) in enumerate(steps, start=1)
    )
    if not compiled:
        problems.append(Problem("", "画面が一つもありません。画面を足してください。"))
    definition = FormDefinition(
        title=plain(title),
        steps=compiled,
        requires=_compile_requires(requires, names, problems),
        after=clean_html(after),
    )
    problems += _order_problems(definition)
    if problems:
        faulty = {item.key for _, items in steps for item in items if item.faults}
        raise CompileErrors(problems, _without(definition, faulty))
    return _with_secrets_kept(definition)


def _with_secrets_kept(definition: FormDefinition) -> FormDefinition:
    """What is calculated from a sensitive answer tells it: it is sensitive too, however many calculations later."""
    formulas = {item.key: _keys(computed_formula(item)) for item in definition.fields()}
    secret = {item.key for item in definition.fields() if item.sensitive}
    while told := {key for key, looks_at in formulas.items() if key not in secret and looks_at & secret}:
        secret |= told
    steps = (
        replace(
            step, fields=tuple(replace(item, sensitive=True) if item.key in secret else item for item in step.fields)
        )
        for step in definition.steps
    )
    return replace(definition, steps=tuple(steps))


def _without(definition: FormDefinition, keys: set[str]) -> FormDefinition:
    steps = (
        replace(step, fields=tuple(item for item in step.fields if item.key not in keys)) for step in definition.steps
    )
    return replace(definition, steps=tuple(steps))


def _collect_names(items: Iterable[Item], problems: list[Problem]) -> Names:
    names = Names()
    seen: set[str] = set()
    for item in items:
        if item.key in seen:
            message = "同じ識別番号の項目が二つあります。一方を消して作り直してください。"
            problems.append(Problem(item.key, message, item.where))
        seen |= {item.key} - {""}
        if not item.type.is_input or not item.key:
            continue
        if item.name in names.by_name:
            message = f"項目名「{item.name}」が二つあります。「詳細」の項目名を変えて区別してください。"
            problems.append(Problem(item.key, message, item.where, ("name",)))
        names.by_key[item.key] = item
        names.by_name.setdefault(item.name, item)
    return names


def _item(child: Any, problems: list[Problem]) -> Item:
    """The item of a block; a block without an id cannot be the address of an answer."""
    settings, faults = tidied(child.block, child.value)
    item = Item(str(child.id or ""), FIELD_TYPES[child.block_type], settings, faults)
    if not item.key:
        problems.append(Problem("", "識別番号がありません。保存し直してください。", item.where))
    return item


def _compile_step(step: Any, position: int, items: list[Item], names: Names, problems: list[Problem]) -> StepDef:
    key = str(step.id or "")
    settings, faults = tidied(step.block, step.value, skip={"fields"})
    title = settings["title"] or ""
    compiler = BlockCompiler(key, names, problems, _screen(title, position))
    if not key:
        compiler.problem("識別番号がありません。保存し直してください。")
    for fault in faults:
        compiler.problem(fault)
    if not items:
        compiler.problem("項目がありません。項目を足すか、画面を消してください。")
    return StepDef(
        key=key,
        slug=str(position),
        title=title,
        intro=settings["intro"].source if settings["intro"] else "",
        visible=None if faults else compiler.condition(settings["condition"]),
        fields=tuple(_compile_field(item, names, problems) for item in items),
    )


def _compile_field(item: Item, names: Names, problems: list[Problem]) -> FieldDef:
    compiler = BlockCompiler(item.key, names, problems, item.where)
    value = item.value
    for fault in item.faults:
        compiler.problem(fault)
    if item.faults:
        return FieldDef(item.key, item.type.name, item.name, item.label)
    if item.type.is_input and not item.label:
        compiler.problem("見出しを入力してください。")
    rules = []
    for number, row in enumerate(value.get("rules") or ()):
        holds = compiler.expression(row["formula"], "boolean", ("rules", number))
        if holds is not None:
            rules.append(Rule(holds, row["message"]))
    return FieldDef(
        key=item.key,
        type=item.type.name,
        name=item.name,
        label=item.label,
        help=str(value.get("help") or ""),
        required=bool(value.get("required", False)),
        visible=compiler.condition(value.get("condition")),
        sensitive=bool(value.get("sensitive", False)),
        options=item.type.compile_options(value, compiler),
        rules=tuple(rules),
    )


def _compile_requires(blocks: Iterable[Any], names: Names, problems: list[Problem]) -> dict[str, Any]:
    known = requirements()
    compiled: dict[str, Any] = {}
    for child in blocks:
        compiler = BlockCompiler(str(child.id or ""), names, problems, f"「{child.block.label}」")
        if child.block_type in compiled:
            compiler.problem("同じ種類の手続が二つあります。一方を消してください。")
        settings, faults = tidied(child.block, child.value)
        for fault in faults:
            compiler.problem(fault)
        if not faults:
            compiled[child.block_type] = known[child.block_type].compile(settings, compiler)
    return compiled


def dependencies(definition: FormDefinition) -> dict[str, set[str]]:
    """key -> keys whose answers decide whether it is shown, or what it is."""
    found: dict[str, set[str]] = {}
    for step in definition.steps:
        shown = _keys(step.visible)
        for item in step.fields:
            found[item.key] = shown | _keys(item.visible) | _keys(computed_formula(item))
    return found


def computed_formula(item: FieldDef) -> Expression | None:
    """The formula of a calculated item, None of any other."""
    formula = item.options.get("formula") if item.type == "computed" else None
    return None if formula is None else from_json(formula)


def _keys(expression: Expression | None) -> set[str]:
    return {key for key, _ in references(expression)} if expression is not None else set()


def _screen(title: str, number: int) -> str:
    return f"画面「{title}」" if title else f"{number}番目の画面"


def _order_problems(definition: FormDefinition) -> list[Problem]:
    """Cycles, and expressions that wait for an answer given later: the resident could never meet them."""
    problems = []
    labels = {item.key: item.label for item in definition.fields()}
    place = {item.key: number for number, step in enumerate(definition.steps) for item in step.fields}

    def later(keys: set[str], number: int) -> list[str]:
        return [labels[key] for key in sorted(keys, key=place.__getitem__) if place[key] >= number]

    for number, step in enumerate(definition.steps):
        for label in later(_keys(step.visible), number):
            message = f"表示条件は、前の画面の項目だけを使えます。「{label}」は前の画面にありません。"
            problems.append(Problem(step.key, message, _screen(step.title, number + 1), ("condition",)))
        for item in step.fields:
            for what, setting, keys in _looks_at(item):
                for label in later(keys, number + 1):
                    message = f"{what}が、後の画面の「{label}」を使っています。"
                    problems.append(Problem(item.key, message, f"「{item.label}」", setting))
    if not problems and (cycle := find_cycle(dependencies(definition))):
        chain = "」→「".join(labels[key] for key in cycle)
        message = f"条件や計算が輪になっています（「{chain}」）。どれか一つを外してください。"
        problems.append(Problem(cycle[0], message, f"「{labels[cycle[0]]}」"))
    return problems


def _looks_at(item: FieldDef) -> list[tuple[str, Setting, set[str]]]:
    """(what it is called, its setting, keys) for each of an item's expressions."""
    return [
        ("表示条件", ("condition",), _keys(item.visible)),
        ("式", ("formula",), _keys(computed_formula(item))),
        ("入力規則", (), {key for rule in item.rules for key in _keys(rule.holds)}),
    ]
