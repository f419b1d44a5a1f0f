"""Turns the rows of a condition block into one expression."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from formbuilder.expressions.kinds import ExpressionError, Kind
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value
from formbuilder.japanese import Refused
from formbuilder.japanese.text import to_half_width
from formbuilder.japanese.wareki import parse_date

NEGATED = {"not_contains": "contains", "not_starts_with": "starts_with", "not_blank": "blank"}
YES = {"はい", "true", "1", "○", "yes"}
NO = {"いいえ", "false", "0", "×", "no"}


class Known(Protocol):
    """The items a condition may speak of (compiler.Names)."""

    by_key: dict[str, Any]

    @property
    def kinds(self) -> Mapping[str, Kind]: ...


def compile_condition(value: Mapping[str, Any] | None, known: Known) -> Expression | None:
    """The expression of a ConditionBlock's value, None when it has no row; raises ExpressionError."""
    rows = list(value["rows"]) if value else []
    parts = [_row(row, known) for row in rows]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return Call("and" if value is None or value["match"] == "all" else "or", tuple(parts))


def _row(row: Mapping[str, Any], known: Known) -> Expression:
    key, _, part = str(row["field"] or "").partition(".")
    item = known.by_key.get(key)
    if item is None:
        raise ExpressionError("条件に選んだ項目が、この申請にありません。項目を選び直してください。")
    part = next((code for code, spec in item.parts.items() if spec.label == part), part)
    address = f"{key}.{part}" if part else key
    kind = known.kinds.get(address)
    if kind is None:
        raise ExpressionError(f"「{item.label}」は、どの部分と比べるかまで選んでください。")
    reference = FieldRef(key, part or None)
    operator = row["operator"]
    positive = NEGATED.get(operator, operator)
    arguments: tuple[Expression, ...] = (reference,)
    if positive != "blank":
        compared = next((inner for inner in item.rows if inner.key == part), item)
        arguments = (reference, _value(str(row["value"] or "").strip(), kind, compared))
    if kind == "texts" and positive in ("eq", "ne"):
        negate, positive = positive == "ne", "contains"
        call = Call("contains", arguments)
        return Call("not", (call,)) if negate else call
    call = Call(positive, arguments)
    return Call("not", (call,)) if operator in NEGATED else call


def _value(text: str, kind: Kind, item: Any) -> Value:
    if not text:
        raise ExpressionError(f"「{item.label}」と比べる値を入力してください。")
    match kind:
        case "boolean":
            return Value(_boolean(text, item), "boolean")
        case "number" | "numbers":
            return Value(_number(text, item), "number")
        case "date":
            return Value(_date(text, item), "date")
        case "texts" if item.type.kind == "boolean":  # in the rows of a group
            return Value("はい" if _boolean(text, item) else "いいえ", "text")
        case _:
            return Value(_option(text, item), "text")


def _boolean(text: str, item: Any) -> bool:
    lowered = to_half_width(text).lower()
    labels = {str(item.value.get("yes_label") or "はい"): True, str(item.value.get("no_label") or "いいえ"): False}
    if text in labels:
        return labels[text]
    if lowered in YES:
        return True
    if lowered in NO:
        return False
    raise ExpressionError(f"「{item.label}」と比べる値は「はい」か「いいえ」にしてください。")


def _number(text: str, item: Any) -> Decimal:
    try:
        number = Decimal(to_half_width(text).replace(",", ""))
    except InvalidOperation:
        raise ExpressionError(f"「{item.label}」と比べる値を数字で入力してください。") from None
    if not number.is_finite():
        raise ExpressionError(f"「{item.label}」と比べる値を数字で入力してください。")
    return number


def _date(text: str, item: Any) -> Any:
    try:
        return parse_date(text)
    except Refused as refused:
        raise ExpressionError(f"「{item.label}」と比べる日付: {refused.message}") from refused


def _option(text: str, item: Any) -> str:
    """The value of an option, given by its label or its code; free text where the item has no options."""
    options = item.type.editor_options(item.value)
    if options is None:
        return text
    for option in options:
        if text in (option["label"], option["value"]):
            return str(option["value"])
    offered = "・".join(str(option["label"]) for option in options)
    raise ExpressionError(f"「{item.label}」に「{text}」という選択肢はありません（{offered}）。")
