"""Refuses expressions that could not be evaluated, in words for the editor."""

from collections.abc import Mapping

from formbuilder.expressions.kinds import ExpressionError, Kind, is_of_kind
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS, ArgumentError


def check(expression: Expression, kinds: Mapping[str, Kind]) -> Kind:
    """The kind of the result; raises ExpressionError.

    kinds: of every answer the expression may look at, by "key" or "key.part".
    """
    match expression:
        case Value(value, kind):
            if not is_of_kind(value, kind):
                raise ExpressionError(f"式の中の値「{value}」は使えません。桁数や形を確かめてください。")
            return kind
        case FieldRef():
            return _field(expression, kinds)
        case Call():
            return _call(expression, kinds)


def _field(reference: FieldRef, kinds: Mapping[str, Kind]) -> Kind:
    kind = kinds.get(reference.address)
    if kind is not None:
        return kind
    if any(address.startswith(f"{reference.key}.") for address in kinds):
        raise ExpressionError("項目のどの部分（姓・市区町村など）を使うかまで選んでください。", reference.key)
    if reference.part and reference.key in kinds:
        raise ExpressionError("項目に、指定された部分がありません。", reference.key)
    raise ExpressionError("この申請にない項目を使っています。項目を選び直してください。", reference.key)


def _call(call: Call, kinds: Mapping[str, Kind]) -> Kind:
    op = OPS.get(call.op)
    if op is None:
        raise ExpressionError(f"「{call.op}」という演算はありません。")
    found = [check(argument, kinds) for argument in call.args]
    try:
        return op.result(found)
    except ArgumentError as error:
        blamed = call.args[error.index]
        raise ExpressionError(error.message, blamed.key if isinstance(blamed, FieldRef) else None) from error
