"""Turns an editor's blocks into a FormDefinition, or says block by block why it cannot be published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formbuilder.conditions import compile_condition
from formbuilder.definition import FieldDef, FormDefinition, Rule, StepDef
from formbuilder.expressions.cycles import find_cycle
from formbuilder.expressions.formula import Resolved, parse_formula
from formbuilder.expressions.kinds import ExpressionError, Kind
from formbuilder.expressions.nodes import Expression, references, to_json
from formbuilder.expressions.typecheck import check
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.requirements import requirements


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the form cannot be published; `block` is the id of the block that causes it, "" for the form itself."""

    block: str
    message: str


class CompileErrors(Exception):
    """The form cannot be published."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Item:
    """A field block as it stands in the editor."""

    key: str
    type: FieldType
    value: Mapping[str, Any]

    @property
    def label(self) -> str:
        return str(self.value.get("label") or "").strip()

    @property
    def name(self) -> str:
        return str(self.value.get("name") or "").strip() or self.label


@dataclass
class Names:
    """The items of a form by key and by readable name: what conditions and formulas may speak of."""

    by_key: dict[str, Item] = field(default_factory=dict)
    by_name: dict[str, Item] = field(default_factory=dict)

    def kinds(self) -> dict[str, Kind]:
        """Kind of every "key" and "key.part"."""
        found: dict[str, Kind] = {}
        for key, item in self.by_key.items():
            if item.type.kind is not None:
                found[key] = item.type.kind
            found |= {f"{key}.{part}": spec.kind for part, spec in item.type.parts.items()}
        return found

    def resolve(self, name: str, part: str | None = None) -> Resolved:
        """What ［name］ or ［name.part］ of a formula stands for."""
        item = self.by_name.get(name)
        if item is None:
            raise ExpressionError(f"「{name}」という項目がありません。項目名を確かめてください。")
        if part is None:
            if item.type.kind is None:
                labels = "・".join(f"［{name}.{spec.label}］" for spec in item.type.parts.values())
                raise ExpressionError(f"「{name}」はこのままでは計算に使えません。{labels}のように書いてください。")
            return Resolved(item.key, None, item.type.kind)
        for code, spec in item.type.parts.items():
            if part in (code, spec.label):
                return Resolved(item.key, code, spec.kind)
        raise ExpressionError(f"「{name}」に「{part}」という部分はありません。")


class BlockCompiler:
    """What a field type may ask for while its block is compiled."""

    def __init__(self, key: str, names: Names, problems: list[Problem]) -> None:
        self.key, self.names, self.problems = key, names, problems

    def problem(self, message: str) -> None:
        self.problems.append(Problem(self.key, message))

    def expression(self, text: str, kind: Kind | None = None) -> Expression | None:
        try:
            parsed = parse_formula(text, self.names.resolve)
            found = check(parsed, self.names.kinds())
        except ExpressionError as error:
            self.problem(f"式「{text}」: {error.message}")
            return None
        if kind is not None and found != kind:
            wanted = {"boolean": "はい・いいえ", "number": "数"}.get(kind, kind)
            self.problem(f"式「{text}」の結果が{wanted}になりません。")
            return None
        return parsed

    def formula(self, text: str, kind: Kind | None = None) -> Any | None:
        parsed = self.expression(text, kind)
        return None if parsed is None else to_json(parsed)

    def condition(self, value: Mapping[str, Any] | None) -> Expression | None:
        try:
            condition = compile_condition(value, self.names)
            if condition is not None:
                check(condition, self.names.kinds())
        except ExpressionError as error:
            self.problem(f"表示条件: {error.message}")
            return None
        return condition


def compile_form(*, title: str, body: Iterable[Any], requires: Iterable[Any] = (), after: str = "") -> FormDefinition:
    """The definition of the form, or CompileErrors with every problem found.

    body: the StreamValue of steps; requires: the StreamValue of requirement blocks.
    """
    problems: list[Problem] = []
    steps = list(body)
    names = _collect_names(steps, problems)
    compiled = tuple(_compile_step(step, position, names, problems) for position, step in enumerate(steps, start=1))
    if not compiled:
        problems.append(Problem("", "画面が一つもありません。画面を足してください。"))
    definition = FormDefinition(
        title=title, steps=compiled, requires=_compile_requires(requires, names, problems), after=after
    )
    problems += _order_problems(definition)
    if problems:
        raise CompileErrors(problems)
    return definition


def _collect_names(steps: list[Any], problems: list[Problem]) -> Names:
    names = Names()
    for step in steps:
        for child in step.value["fields"]:
            item = _item(child, problems)
            if item is None or not item.type.is_input:
                continue
            if item.key in names.by_key:
                problems.append(Problem(item.key, "同じ識別番号の項目が二つあります。一方を消して作り直してください。"))
            if item.name in names.by_name:
                problems.append(
                    Problem(item.key, f"項目名「{item.name}」が二つあります。「詳細」の項目名を変えて区別してください。")
                )
            names.by_key[item.key] = item
            names.by_name.setdefault(item.name, item)
    return names


def _item(child: Any, problems: list[Problem]) -> Item | None:
    """The item of a block; a block without an id cannot be the address of an answer."""
    if not child.id:
        problems.append(Problem("", f"「{child.value.get('label')}」の識別番号がありません。保存し直してください。"))
        return None
    return Item(str(child.id), FIELD_TYPES[child.block_type], child.value)


def _compile_step(step: Any, position: int, names: Names, problems: list[Problem]) -> StepDef:
    key = str(step.id or "")
    compiler = BlockCompiler(key, names, problems)
    if not key:
        problems.append(Problem("", f"画面「{step.value['title']}」の識別番号がありません。保存し直してください。"))
    fields = [_compile_field(item, names, problems) for child in step.value["fields"] if (item := _item(child, []))]
    if not fields:
        compiler.problem(f"画面「{step.value['title']}」に項目がありません。")
    return StepDef(
        key=key,
        slug=str(position),
        title=step.value["title"],
        intro=str(step.value["intro"].source) if step.value["intro"] else "",
        visible=compiler.condition(step.value["condition"]),
        fields=tuple(fields),
    )


def _compile_field(item: Item, names: Names, problems: list[Problem]) -> FieldDef:
    compiler = BlockCompiler(item.key, names, problems)
    value = item.value
    if item.type.is_input and not item.label:
        compiler.problem("見出しを入力してください。")
    rules = []
    for row in value.get("rules") or ():
        holds = compiler.expression(row["formula"], "boolean")
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
        compiler = BlockCompiler(str(child.id or ""), names, problems)
        if child.block_type in compiled:
            compiler.problem("同じ種類の手続が二つあります。一方を消してください。")
        compiled[child.block_type] = known[child.block_type].compile(child.value, compiler)
    return compiled


def dependencies(definition: FormDefinition) -> dict[str, set[str]]:
    """key -> keys whose answers decide whether it is shown, or what it is."""
    found: dict[str, set[str]] = {}
    for step in definition.steps:
        shown = _keys(step.visible)
        for item in step.fields:
            found[item.key] = shown | _keys(item.visible) | _keys(computed_formula(item))
    return found


def computed_formula(item: FieldDef) -> Any:
    """The JSON formula of a calculated item, None of any other."""
    return item.options.get("formula") if item.type == "computed" else None


def _keys(expression: Any) -> set[str]:
    return {key for key, _ in references(expression)} if expression is not None else set()


def _order_problems(definition: FormDefinition) -> list[Problem]:
    """Cycles, and conditions that wait for an answer given later: the resident could never meet them."""
    problems = []
    needs = dependencies(definition)
    labels = {item.key: item.label for item in definition.fields()}
    cycle = find_cycle(needs)
    if cycle:
        chain = "」→「".join(labels.get(key, key) for key in cycle)
        problems.append(Problem(cycle[0], f"条件や計算が輪になっています（「{chain}」）。どれか一つを外してください。"))
    place = {item.key: number for number, step in enumerate(definition.steps) for item in step.fields}
    for number, step in enumerate(definition.steps):
        for key in sorted(_keys(step.visible)):
            if place.get(key, -1) >= number:
                problems.append(
                    Problem(step.key, f"画面「{step.title}」の表示条件が、この画面より後の「{labels[key]}」を見ています。")
                )
        for item in step.fields:
            for key in sorted(needs[item.key] - _keys(step.visible)):
                if place.get(key, -1) > number:
                    problems.append(
                        Problem(item.key, f"「{item.label}」の条件や計算が、後の画面の「{labels[key]}」を見ています。")
                    )
    return problems
