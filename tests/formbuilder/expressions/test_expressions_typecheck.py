from decimal import Decimal

import pytest

from formbuilder.expressions.kinds import ExpressionError, Kind
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS
from formbuilder.expressions.typecheck import check

from .items import KINDS

ONE, TEXT, YES = Value(Decimal(1), "number"), Value("a", "text"), Value(True, "boolean")
BABIES, TWINS, METHOD, BIRTH = FieldRef("babies"), FieldRef("twins"), FieldRef("method"), FieldRef("birth")


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        (ONE, "number"),
        (FieldRef("address", "city"), "text"),
        (Call("eq", (BABIES, ONE)), "boolean"),
        (Call("if", (TWINS, METHOD)), "text"),
        (Call("if", (TWINS, FieldRef("wishes"), FieldRef("wishes"))), "texts"),
        (Call("max", (BIRTH, Call("today", ()))), "date"),
        (Call("max", (BABIES, FieldRef("scores"))), "number"),
        (Call("one_of", (METHOD, Value(("a", "b"), "texts"))), "boolean"),
        (Call("count", (TWINS, METHOD, FieldRef("wishes"))), "number"),
        (Call("concat", (METHOD, BABIES, BIRTH)), "text"),
        (Call("age_on", (BIRTH,)), "number"),
    ],
)
def test_the_kind_of_a_sound_expression_is_known(expression: Expression, kind: Kind) -> None:
    assert check(expression, KINDS) == kind


@pytest.mark.parametrize(
    ("expression", "message", "key"),
    [
        (FieldRef("gone"), "この申請にない項目", "gone"),
        (Call("not", (FieldRef("gone", "x"),)), "この申請にない項目", "gone"),
        (FieldRef("address"), "どの部分", "address"),
        (FieldRef("babies", "half"), "指定された部分がありません", "babies"),
        (Call("add", (BABIES, METHOD)), "「足す（+）」の2番目には数を指定してください（いまは文字です）。", "method"),
        (Call("eq", (TWINS, TEXT)), "2番目にははい・いいえを指定", None),
        (Call("ge", (METHOD, ONE)), "「以上（>=）」の1番目には数か日付を指定", "method"),
        (Call("if", (BABIES, ONE)), "「もし」の1番目にははい・いいえを指定", "babies"),
        (Call("if", (TWINS, ONE, TEXT)), "「もし」の3番目には数を指定", None),
        (Call("max", (BABIES, BIRTH)), "「最大」の2番目には数か数の一覧を指定", "birth"),
        (Call("not", (YES, YES)), "渡す値の数（2個）が違います。1個にしてください。", None),
        (Call("if", (YES,)), "2個か3個にしてください。", None),
        (Call("and", ()), "1個以上にしてください。", None),
        (Call("eval", ()), "「eval」という演算はありません。", None),
        (Value(Decimal("NaN"), "number"), "使えません", None),
        (Value(Decimal("1E+999999"), "number"), "使えません", None),
        (Value(Decimal("1E-999999"), "number"), "使えません", None),
        (Value("1", "number"), "使えません", None),
        (Value(True, "number"), "使えません", None),
        (Value((), "texts"), "使えません", None),
    ],
)
def test_a_problem_is_named_with_the_item_that_causes_it(expression: Expression, message: str, key: str | None) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(expression, KINDS)

    assert message in refused.value.message
    assert refused.value.key == key


def test_every_operator_has_a_japanese_label_and_agrees_with_its_name() -> None:
    assert all(op.name == name and not op.label.isascii() and op.signatures for name, op in OPS.items())


def test_no_two_operators_share_a_word() -> None:
    words = [word for op in OPS.values() for word in (*op.words, op.name)]

    assert len(words) == len(set(words))
