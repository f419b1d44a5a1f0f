import time
from datetime import date
from decimal import Decimal, localcontext

import pytest

from formbuilder.expressions.evaluate import compile_expression, evaluate, scalar
from formbuilder.expressions.formula import parse_formula
from formbuilder.expressions.kinds import ExpressionError, Scalar, plain
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value

from .items import SCOPE, TODAY, resolve


def test_a_compiled_expression_is_used_again_with_other_answers() -> None:
    fee = compile_expression(parse_formula('=もし(［多胎］="はい", ［胎児の数］, 1)*50000', resolve))

    assert fee(SCOPE, TODAY) == 150000
    assert fee({"twins": False}, TODAY) == 50000
    assert fee({}, TODAY) == 50000


def test_if_does_not_look_at_the_branch_it_does_not_take() -> None:
    class Watched(dict[str, Scalar]):
        def __init__(self, **answers: Scalar) -> None:
            super().__init__(answers)
            self.seen: list[str] = []

        def get(self, address: str, default: Scalar = None) -> Scalar:  # type: ignore[override]  # narrower is enough
            self.seen.append(address)
            return super().get(address, default)

    scope = Watched(test=True, yes=Decimal(1), no=Decimal(2))
    choice = Call("if", (FieldRef("test"), FieldRef("yes"), FieldRef("no")))

    assert evaluate(choice, scope, today=TODAY) == 1
    assert scope.seen == ["test", "yes"]


def test_and_and_or_end_at_the_first_argument_that_decides() -> None:
    broken = Call("contains", (Value(Decimal(1), "number"), Value("a", "text")))  # raises when it is evaluated
    yes, no = Value(True, "boolean"), Value(False, "boolean")

    assert evaluate(Call("or", (yes, broken)), {}, today=TODAY) is True
    assert evaluate(Call("and", (no, broken)), {}, today=TODAY) is False


def test_numbers_that_look_alike_are_not_confused_with_texts_and_booleans() -> None:
    same = [Value(Decimal(1), "number"), Value("1", "text"), Value(True, "boolean")]

    assert [evaluate(one, {}, today=TODAY) for one in same] == [Decimal(1), "1", True]


@pytest.mark.parametrize("call", [Call("eval", ()), Call("today", (Value(True, "boolean"),)), Call("eq", ())])
def test_an_unknown_operator_or_a_wrong_number_of_arguments_is_refused_before_it_runs(call: Call) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(call)


def test_results_do_not_depend_on_the_decimal_context_of_the_thread() -> None:
    third = Call("div", (Value(Decimal(1), "number"), Value(Decimal(3), "number")))
    with localcontext(prec=3):
        assert evaluate(third, {}, today=TODAY) == Decimal("0.3333333333333333333333333333")


def test_a_result_is_read_back_as_the_same_answer() -> None:
    third = evaluate(parse_formula("=1/3", resolve), {}, today=TODAY)

    assert isinstance(third, Decimal)
    assert scalar(plain(third), "number") == third


def test_65_rules_over_300_items_take_less_than_5_ms() -> None:
    rules = [compile_expression(_rule(number)) for number in range(65)]
    scope: dict[str, Scalar] = {f"n{number}": Decimal(number) for number in range(300)}
    scope |= {f"d{number}": date(2026, 1, 1) for number in range(65)}

    def all_rules() -> float:
        start = time.perf_counter()
        for rule in rules:
            assert rule(scope, TODAY) is True
        return time.perf_counter() - start

    assert min(all_rules() for _ in range(20)) < 0.005


def _rule(number: int) -> Expression:
    """Six comparisons of sums of five items each, and a date that moves."""
    terms = [FieldRef(f"n{(number * 7 + step) % 300}") for step in range(5)]
    total: Expression = terms[0]
    for term in terms[1:]:
        total = Call("add", (total, Call("mul", (term, Value(Decimal("1.1"), "number")))))
    compared = tuple(Call("ge", (total, Value(Decimal(limit), "number"))) for limit in range(-6, 0))
    later = Call("add_months", (FieldRef(f"d{number}"), Value(Decimal(3), "number")))
    return Call("and", (*compared, Call("lt", (later, Call("today", ())))))
