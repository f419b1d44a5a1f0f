"""Which answers decide about which items: what must be known first, and what could never be."""

from collections.abc import Iterator, Mapping

from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.expressions.cycles import find_cycle
from formbuilder.expressions.nodes import Expression, from_json, references
from formbuilder.items import Problem, Setting


def dependencies(definition: FormDefinition) -> dict[str, set[str]]:
    """key -> keys whose answers decide whether it is shown, or what it is."""
    found: dict[str, set[str]] = {}
    for step in definition.steps:
        shown = keys_in(step.visible)
        for item in step.fields:
            found[item.key] = shown | _needs(item)
            for inner in item.fields:
                found[item.key] |= _needs(inner)
            found[item.key] -= {inner.key for inner in item.fields}
    return found


def row_dependencies(group: FieldDef) -> dict[str, set[str]]:
    """The same within a row, of the items of the row alone."""
    inside = {inner.key for inner in group.fields}
    return {inner.key: _needs(inner) & inside for inner in group.fields}


def in_order(needs: Mapping[str, set[str]]) -> list[str]:
    """Keys so that each comes after all it depends on; the order of `needs` otherwise."""
    done: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in done or key not in needs:
            return
        for need in sorted(needs[key]):
            visit(need)
        done[key] = None

    for key in needs:
        visit(key)
    return list(done)


def _needs(item: FieldDef) -> set[str]:
    return keys_in(item.visible) | keys_in(computed_formula(item))


def computed_formula(item: FieldDef) -> Expression | None:
    """The formula of a calculated item, None of any other."""
    formula = item.options.get("formula")
    return None if formula is None else from_json(formula)


def keys_in(expression: Expression | None) -> set[str]:
    return {key for key, _ in references(expression)} if expression is not None else set()


def screen_name(title: str, number: int) -> str:
    return f"画面「{title}」" if title else f"{number}番目の画面"


def order_problems(definition: FormDefinition) -> list[Problem]:
    """Cycles, and expressions that wait for an answer given later: the resident could never meet them."""
    places = {
        each.key: number
        for number, step in enumerate(definition.steps)
        for item in step.fields
        for each in (item, *item.fields)
    }
    labels = {each.key: each.label for item in definition.fields() for each in (item, *item.fields)}

    def later(keys: set[str], number: int) -> list[str]:
        return [labels[key] for key in sorted(keys, key=places.__getitem__) if places[key] >= number]

    problems = []
    for number, step in enumerate(definition.steps):
        for label in later(keys_in(step.visible), number):
            message = f"表示条件は、前の画面の項目だけを使えます。「{label}」は前の画面にありません。"
            problems.append(Problem(step.key, message, screen_name(step.title, number + 1), ("condition",)))
        for each in (each for item in step.fields for each in (item, *item.fields)):
            for what, setting, keys in _looks_at(each):
                for label in later(keys, number + 1):
                    message = f"{what}が、後の画面の「{label}」を使っています。"
                    problems.append(Problem(each.key, message, f"「{each.label}」", setting))
    return problems or [*_cycle(dependencies(definition), labels), *_row_cycles(definition, labels)]


def _row_cycles(definition: FormDefinition, labels: Mapping[str, str]) -> Iterator[Problem]:
    for item in definition.fields():
        yield from _cycle(row_dependencies(item), labels)


def _cycle(needs: Mapping[str, set[str]], labels: Mapping[str, str]) -> Iterator[Problem]:
    if cycle := find_cycle(needs):
        chain = "」→「".join(labels[key] for key in cycle)
        message = f"条件や計算が輪になっています（「{chain}」）。どれか一つを外してください。"
        yield Problem(cycle[0], message, f"「{labels[cycle[0]]}」")


def _looks_at(item: FieldDef) -> list[tuple[str, Setting, set[str]]]:
    """(what it is called, its setting, keys) for each of an item's expressions."""
    return [
        ("表示条件", ("condition",), keys_in(item.visible)),
        ("必須条件", ("required_if",), set() if isinstance(item.required, bool) else keys_in(item.required)),
        ("式", ("formula",), keys_in(computed_formula(item))),
        ("入力規則", (), {key for rule in item.rules for key in keys_in(rule.holds)}),
    ]
