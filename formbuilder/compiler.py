"""Turns an editor's blocks into a FormDefinition, or says block by block why it cannot be published."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cms.models import Department
from formbuilder.definition import FieldDef, FormDefinition, Presentation, Rule, StepDef
from formbuilder.dependencies import computed_formula, order_problems, screen_name
from formbuilder.expressions.nodes import Expression, references
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.repeat import COUNT_LABEL
from formbuilder.items import BlockCompiler, Item, Names, Problem
from formbuilder.japanese import Refused
from formbuilder.requirements import requirements
from formbuilder.tidy import clean_html, plain, tidied


class CompileErrors(Exception):
    """The form cannot be published; `title` names it where several are published at once.

    `draft` is what could be compiled, for a preview: without the items whose own settings cannot be used.
    """

    title = ""

    def __init__(self, problems: list[Problem], draft: FormDefinition) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems, self.draft = problems, draft


def compile_form(
    *,
    title: str,
    body: Iterable[Any],
    requires: Iterable[Any] = (),
    after: str = "",
    department: Department | None = None,
    presentation: str = Presentation.STEPS,
) -> FormDefinition:
    """The definition of the form, or CompileErrors with every problem found.

    body: the StreamValue of steps; requires: the StreamValue of requirement blocks; department: whose form it is.
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
        requires=_compile_requires(requires, names, problems, department),
        after=clean_html(after),
        presentation=Presentation(presentation),
    )
    problems += [*order_problems(definition), *_needed(definition)]
    if problems:
        faulty = {each.key for _, items in steps for item in items for each in (item, *item.rows) if each.faults}
        raise CompileErrors(problems, _without(definition, faulty))
    return _with_secrets_kept(definition)


def _with_secrets_kept(definition: FormDefinition) -> FormDefinition:
    """What is calculated from a sensitive answer tells it: it is sensitive too, however many calculations later."""
    groups = {item.key: {inner.key for inner in item.fields} for item in definition.fields() if item.fields}
    every = [each for item in definition.fields() for each in (item, *item.fields)]
    formulas = {each.key: _tells(computed_formula(each), groups) for each in every}
    secret = {each.key for each in every if each.sensitive}
    secret |= {key for group, inside in groups.items() if group in secret for key in inside}
    while told := {key for key, looks_at in formulas.items() if key not in secret and looks_at & secret}:
        secret |= told
    return _each_item(definition, lambda item: replace(item, sensitive=True) if item.key in secret else item)


def _tells(formula: Expression | None, groups: Mapping[str, set[str]]) -> set[str]:
    """Keys of the items whose answers a formula looks at; of a group, those of the items in its rows."""
    found = references(formula) if formula is not None else set()
    return {part if part and part in groups.get(key, ()) else key for key, part in found}


def _needed(definition: FormDefinition) -> Iterator[Problem]:
    """Items that stand for a gate, in a form that does not have it."""
    for item in definition.fields():
        type_ = FIELD_TYPES[item.type]
        if type_.needs and type_.needs not in definition.requires:
            known = requirements().get(type_.needs)
            what = f"「{known.label}」" if known else "この案内の手続"
            message = (
                f"この申請には{what}の設定がありません。「本人確認・予約・支払い」に足すか、この項目を消してください。"
            )
            yield Problem(item.key, message, f"「{item.label or type_.label}」")


def _without(definition: FormDefinition, keys: set[str]) -> FormDefinition:
    return _each_item(definition, lambda item: None if item.key in keys else item)


def _each_item(definition: FormDefinition, change: Callable[[FieldDef], FieldDef | None]) -> FormDefinition:
    """The definition with every item, those of rows too, changed, or left out."""

    def changed(items: Iterable[FieldDef]) -> tuple[FieldDef, ...]:
        return tuple(replace(made, fields=changed(made.fields)) for item in items if (made := change(item)) is not None)

    return replace(definition, steps=tuple(replace(step, fields=changed(step.fields)) for step in definition.steps))


def _collect_names(items: Iterable[Item], problems: list[Problem]) -> Names:
    names = Names()
    seen: set[str] = set()
    for item in items:
        _add_name(item, names, seen, problems)
        row = Names()  # a name in a row may be the name of an item outside
        for inner in item.rows:
            _add_name(inner, row, seen, problems)
            if inner.type.is_input and inner.name == COUNT_LABEL:
                message = f"「{COUNT_LABEL}」は、行の数を表す名前です。「詳細」の項目名を変えてください。"
                problems.append(Problem(inner.key, message, inner.where, ("name",)))
    return names


def _add_name(item: Item, names: Names, seen: set[str], problems: list[Problem]) -> None:
    if item.key in seen:
        message = "同じ識別番号の項目が二つあります。一方を消して作り直してください。"
        problems.append(Problem(item.key, message, item.where))
    seen |= {item.key} - {""}
    if not item.type.is_input or not item.key:
        return
    if item.name in names.by_name:
        message = f"項目名「{item.name}」が二つあります。「詳細」の項目名を変えて区別してください。"
        problems.append(Problem(item.key, message, item.where, ("name",)))
    names.by_key[item.key] = item
    names.by_name.setdefault(item.name, item)


def _item(child: Any, problems: list[Problem]) -> Item:
    """The item of a block; a block without an id cannot be the address of an answer."""
    type_ = FIELD_TYPES[child.block_type]
    settings, faults = tidied(child.block, child.value, skip={"fields"})
    rows = tuple(_item(inner, problems) for inner in child.value["fields"]) if type_.has_rows else ()
    item = Item(str(child.id or ""), type_, settings, faults, rows)
    if not item.key:
        problems.append(Problem("", "識別番号がありません。保存し直してください。", item.where))
    return item


def _compile_step(step: Any, position: int, items: list[Item], names: Names, problems: list[Problem]) -> StepDef:
    key = str(step.id or "")
    settings, faults = tidied(step.block, step.value, skip={"fields"})
    title = settings["title"] or ""
    compiler = BlockCompiler(key, names, problems, screen_name(title, position))
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
    fields = tuple(_compile_field(inner, names.inside(item), problems) for inner in item.rows)
    if item.type.has_rows and not fields:
        compiler.problem("1回分の項目がありません。項目を足してください。", ("fields",))
    for fault in item.faults:
        compiler.problem(fault)
    if item.faults:
        return FieldDef(item.key, item.type.name, item.name, item.label, fields=fields)
    if item.type.is_input and not item.label:
        compiler.problem("見出しを入力してください。")
    rules = []
    for number, row in enumerate(value.get("rules") or ()):
        holds = compiler.expression(row["formula"], "boolean", setting=("rules", number))
        if holds is not None:
            rules.append(Rule(holds, row["message"]))
    made = FieldDef(
        key=item.key,
        type=item.type.name,
        name=item.name,
        label=item.label,
        help=str(value.get("help") or ""),
        required=_required(value, compiler),
        visible=compiler.condition(value.get("condition")),
        sensitive=item.type.is_secret or bool(value.get("sensitive", False)),
        options=item.type.options_of(value, compiler),
        rules=tuple(rules),
        fields=fields,
    )
    _check_default(made, item, compiler)
    _check_from_link(made, item, compiler)
    return made


def _required(value: Mapping[str, Any], compiler: BlockCompiler) -> bool | Expression:
    """必須条件 goes before the switch 必須."""
    condition = compiler.condition(value.get("required_if"), "必須条件", "required_if")
    return bool(value.get("required", False)) if condition is None else condition


def _check_default(made: FieldDef, item: Item, compiler: BlockCompiler) -> None:
    if not (text := made.options.get("default")):
        return
    try:
        item.type.normalise(made, item.type.written(made, text))
    except Refused as refused:
        compiler.problem(f"初期値「{text}」を答えにできません。{refused.message}", ("default",))


def _check_from_link(made: FieldDef, item: Item, compiler: BlockCompiler) -> None:
    """A link is a line of text that anybody may read."""
    for inner in made.fields:
        if "from_link" in inner.options:
            compiler.problem(f"「{inner.label}」は繰り返しの中にあるので、「リンクから入れられる」にできません。")
    if "from_link" in made.options and made.holds_sensitive:
        compiler.problem("機微な情報は「リンクから入れられる」にできません。", ("from_link",))


def _compile_requires(
    blocks: Iterable[Any], names: Names, problems: list[Problem], department: Department | None
) -> dict[str, Any]:
    known = requirements()
    compiled: dict[str, Any] = {}
    for child in blocks:
        compiler = BlockCompiler(str(child.id or ""), names, problems, f"「{child.block.label}」", department)
        if child.block_type in compiled:
            compiler.problem("同じ種類の手続が二つあります。一方を消してください。")
        settings, faults = tidied(child.block, child.value)
        for fault in faults:
            compiler.problem(fault)
        if not faults:
            compiled[child.block_type] = known[child.block_type].compile(settings, compiler)
    return compiled
