"""What answers cost: whole yen, never less than nothing, exactly the sum of what is shown."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.models import DepartmentPage
from formbuilder.blocks import requirements_block
from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.engine import Engine
from formbuilder.expressions.kinds import plain
from formbuilder.importing import import_form
from formbuilder.package import PackageRefused
from payments.pricing import MOST, Line, Price, lines_of, price
from tests.payments.scene import LINES, form_file
from tests.support.cast import Cast

TODAY = date(2027, 6, 7)


def number_field(key: str) -> FieldDef:
    return FieldDef(key, "number", key, key, options={"decimals": 2}, required=False)


ENGINE = Engine(
    FormDefinition(title="x", steps=(StepDef("s", "1", "x", fields=(number_field("each"), number_field("count"))),))
)
PRODUCT = {"label": "写し", "price": {"field": "each"}, "quantity": {"field": "count"}}


def of(each: str | None, count: str | None, **wanted: Any) -> Price:
    answers = {key: value for key, value in (("each", each), ("count", count)) if value is not None}
    settings = {"lines": [PRODUCT], "exemptions": [], **wanted}
    return price(settings, ENGINE, ENGINE.state(answers, TODAY), TODAY)


NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(plain)


@given(each=st.none() | NUMBERS, count=st.none() | NUMBERS)
def test_a_fee_is_whole_never_negative_and_the_sum_of_its_lines(each: str | None, count: str | None) -> None:
    found = of(each, count)
    assert 0 <= found.total <= MOST
    assert found.total == min(MOST, sum(line.price * line.quantity for line in found.lines))
    assert lines_of(found.rows) == found.lines
    exact = max(Decimal(0), Decimal(each or 0)) * max(Decimal(0), Decimal(count or 0))
    assert found.total <= exact  # a part of a yen is dropped, and nothing is added
    if exact <= MOST:
        assert exact - found.total < 1


@given(each=st.integers(0, 10_000), count=st.integers(0, 1_000), more=st.integers(0, 1_000))
def test_more_never_costs_less(each: int, count: int, more: int) -> None:
    assert of(str(each), str(count)).total <= of(str(each), str(count + more)).total


@given(each=NUMBERS, count=NUMBERS)
def test_who_is_exempt_pays_nothing_and_is_told_why(each: str, count: str) -> None:
    yes = {"holds": {"value": True, "kind": "boolean"}, "reason": "条例第5条"}
    no = {"holds": {"value": False, "kind": "boolean"}, "reason": "ほかの理由"}
    found = of(each, count, exemptions=[no, yes])
    assert (found.total, found.exemption) == (0, "条例第5条")


def test_what_it_was_computed_from_is_kept_in_words() -> None:
    assert of("300", "2").inputs == {"each": "300", "count": "2"}
    assert of("300", None).inputs == {"each": "300"}


def test_of_a_sensitive_item_nothing_is_kept() -> None:
    secret = FieldDef("each", "number", "each", "each", sensitive=True)
    engine = Engine(FormDefinition(title="x", steps=(StepDef("s", "1", "x", fields=(secret, number_field("count"))),)))
    found = price(
        {"lines": [PRODUCT], "exemptions": []}, engine, engine.state({"each": "3", "count": "2"}, TODAY), TODAY
    )
    assert found.total == 6 and found.inputs == {"count": "2"}


def test_a_line_of_nothing_is_not_shown() -> None:
    assert of("0", "2").lines == ()
    assert of("300", "2").lines == (Line("写し", 300, 2),)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lines": []}, "内訳"),
        ({"lines": [{**LINES[0], "price": "＝［氏名.姓］"}]}, "手数料"),
        ({"lines": [{**LINES[0], "quantity": "＝［ない項目］"}]}, "ない項目"),
        ({"exemptions": [{"holds": "＝［通数］", "reason": "x"}]}, "手数料"),
        ({"methods": []}, "方法"),
        ({"days": 0}, "支払期限"),
        ({"account": ""}, "収入科目"),
    ],
    ids=["no line", "text", "unknown", "no condition", "no method", "no day", "no account"],
)
def test_what_cannot_be_computed_or_paid_is_refused_when_it_is_published(
    cast: Cast, changed: dict[str, Any], said: str
) -> None:
    section = DepartmentPage.objects.get(department=cast.children)
    with pytest.raises(PackageRefused) as refused:
        import_form(form_file(**changed), section=section, publish=True)
    assert said in str(refused.value)


def test_the_editor_has_a_block_for_it() -> None:
    block = requirements_block().child_blocks["payment"]
    assert block.label == "手数料"
    default = block.get_default()
    assert (default["moment"], default["days"], list(default["methods"])) == ("arrival", 7, ["card"])
