"""繰り返し: what an editor may build, and what answers make of it."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.blocks.base import get_error_json_data

from formbuilder.admin_form import placed
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.definition import FormDefinition
from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.nodes import from_json
from formbuilder.items import BlockCompiler, Item, Names, Problem
from formbuilder.runtime import CompiledForm, State
from tests.formbuilder.test_compiling import body, problems, rule, screen, the_problem
from tests.support.cast import item

TODAY = date(2026, 11, 22)
KIN = item("choice", "続柄", key="kin", choices=[{"label": "子", "code": "c"}, {"label": "その他", "code": "o"}])
WHICH = item("text", "説明", key="which", condition={"rows": [{"field": "kin", "operator": "eq", "value": "その他"}]})
BIRTH = item("date", "生年月日", key="birth", required=False)
AGE = item("computed", "年齢", key="age", formula="=年齢（［生年月日］、［基準日］）")
FEE = item("computed", "料金", key="fee", formula="=もし（［年齢］>=70、0、500）")
DAY = item("date", "基準日", key="day")


def group(*fields: dict[str, Any], key: str = "family", name: str = "家族", **settings: Any) -> dict[str, Any]:
    return item("repeat", name, key=key, required=False, fields=list(fields), **settings)


FAMILY = group(KIN, WHICH, BIRTH, AGE, FEE)
OUTSIDE = [
    item("computed", "人数", key="count", formula="=1+［家族.件数］"),
    item("computed", "合計額", key="total", formula="=合計（［家族.料金］）"),
    item(
        "text", "子の名前", key="child", condition={"rows": [{"field": "family.kin", "operator": "eq", "value": "子"}]}
    ),
]


def compiled(*items: dict[str, Any]) -> FormDefinition:
    raw = body(screen(*(_in_stream(each) for each in items)))
    return compile_form(title="検診", body=raw)


def _in_stream(each: dict[str, Any]) -> dict[str, Any]:
    """The items of a row as the editor keeps them."""
    inside = [
        {"type": one["type"], "id": one["id"], "value": one["settings"]} for one in each["settings"].get("fields", [])
    ]
    return {**each, "settings": {**each["settings"], "fields": inside}} if inside else each


def told(*items: dict[str, Any]) -> list[Problem]:
    return problems(screen(*(_in_stream(each) for each in items)))


@cache
def engine_of_the_family() -> CompiledForm:
    return CompiledForm(compiled(DAY, FAMILY, *OUTSIDE))


def state(answers: Mapping[str, Any]) -> State:
    return engine_of_the_family().state({"day": "2027-03-31", **answers}, TODAY)


# --- the definition


def test_the_items_of_a_row_stand_in_the_definition_of_the_group() -> None:
    definition = compiled(DAY, FAMILY)
    [_, family] = definition.steps[0].fields

    assert [inner.key for inner in family.fields] == ["kin", "which", "birth", "age", "fee"]
    assert family.options == {"word": "ご家族", "counter": "人", "min": 0, "max": 4, "add_label": "ご家族を追加する"}
    assert FormDefinition.from_json(json.loads(json.dumps(definition.to_json()))) == definition


def test_a_form_without_a_group_is_the_document_it_always_was() -> None:
    document = compiled(DAY).to_json()

    assert "fields" not in document["steps"][0]["fields"][0]


def test_a_name_in_a_row_is_of_the_same_row_before_it_is_of_an_item_outside() -> None:
    inner = item("computed", "長さ", key="length", formula="=文字数（［名前］）+文字数（［住所地］）")
    definition = compiled(
        item("text", "名前", key="mine"),
        item("text", "住所地", key="city"),
        group(item("text", "名前", key="theirs"), inner),
    )

    formula = definition.steps[0].fields[2].fields[1].options["formula"]
    assert [part["args"] for part in formula["args"]] == [[{"field": "theirs"}], [{"field": "city"}]]


@pytest.mark.parametrize(
    ("items", "block", "message"),
    [
        ([group()], "family", "1回分の項目がありません。項目を足してください。"),
        (
            [group(BIRTH, min=3, max=2)],
            "family",
            "少なくとも入力する数（3）が、多くても入力できる数（2）より大きくなっています。",
        ),
        ([group(BIRTH, max=0)], "family", "多くても入力できる数を1以上にしてください。"),
        (
            [group(BIRTH, item("text", "生年月日", key="again"))],
            "again",
            "項目名「生年月日」が二つあります。「詳細」の項目名を変えて区別してください。",
        ),
        (
            [group(item("text", "件数", key="count"))],
            "count",
            "「件数」は、行の数を表す名前です。「詳細」の項目名を変えてください。",
        ),
        (
            [group(item("computed", "年齢", key="age", formula="=年齢（［誕生日］）"))],
            "age",
            "式: 5文字目: 「誕生日」という項目がありません。項目名を確かめてください。",
        ),
        (
            [group(item("text", "", key="nameless"))],
            "nameless",
            "見出し（質問）: 必ず入力してください。",
        ),
        (
            [item("text", "外", key="birth"), group(BIRTH)],
            "birth",
            "同じ識別番号の項目が二つあります。一方を消して作り直してください。",
        ),
        (
            [
                group(
                    item(
                        "number",
                        "数",
                        key="n",
                        condition={"rows": [{"field": "family.#", "operator": "gt", "value": "1"}]},
                    )
                )
            ],
            "family",
            "条件や計算が輪になっています（「家族」→「家族」）。どれか一つを外してください。",
        ),
        (
            [
                group(
                    item("computed", "甲", key="a", formula="=［乙］"),
                    item("computed", "乙", key="b", formula="=［甲］"),
                )
            ],
            "a",
            "条件や計算が輪になっています（「甲」→「乙」→「甲」）。どれか一つを外してください。",
        ),
    ],
)
def test_a_problem_stands_at_the_block_that_causes_it(items: list[dict[str, Any]], block: str, message: str) -> None:
    found = told(*items)

    assert (found[0].block, found[0].message) == (block, message)


def test_a_row_cannot_wait_for_a_later_screen() -> None:
    problem = the_problem(
        screen(
            _in_stream(group(BIRTH, item("computed", "年齢", key="age", formula="=年齢（［生年月日］、［基準日］）")))
        ),
        screen(DAY, key="two"),
    )

    assert (problem.block, problem.message) == ("age", "式が、後の画面の「基準日」を使っています。")


def test_an_item_of_a_row_cannot_be_spoken_of_from_outside_but_in_all_rows() -> None:
    [problem] = told(FAMILY, DAY, item("computed", "長さ", key="l", formula="=文字数（［家族］）"))

    assert "［家族.件数］・［家族.続柄］・［家族.説明］・［家族.年齢］・［家族.料金］のように" in problem.message
    [problem] = told(FAMILY, DAY, item("computed", "長さ", key="l", formula="=年齢（［家族.生年月日］）"))
    assert "「家族」に「生年月日」という部分はありません。" in problem.message


def test_the_editor_sees_the_problem_inside_the_group() -> None:
    raw = body(screen(_in_stream(group(item("text", "品名", key="a"), item("text", "品名", key="b")))))
    with pytest.raises(CompileErrors) as refused:
        compile_form(title="題名", body=raw)
    [(field, error)] = placed(refused.value.problems, raw, None)

    data: Any = get_error_json_data(error)
    assert field == "body"
    inner = data["blockErrors"][0]["blockErrors"]["fields"]["blockErrors"][0]["blockErrors"]["fields"]["blockErrors"]
    assert list(inner) == [1]
    assert list(inner[1]["blockErrors"]) == ["name"]


def test_an_empty_group_is_told_at_its_items() -> None:
    raw = body(screen(group()))
    with pytest.raises(CompileErrors) as refused:
        compile_form(title="題名", body=raw)
    [(_, error)] = placed(refused.value.problems, raw, None)

    data: Any = get_error_json_data(error)
    block = data["blockErrors"][0]["blockErrors"]["fields"]["blockErrors"][0]["blockErrors"]
    assert block == {"fields": {"messages": ["1回分の項目がありません。項目を足してください。"]}}


def test_what_is_calculated_from_a_sensitive_item_of_a_row_is_sensitive_too() -> None:
    weight = item("number", "体重", key="weight", sensitive=True)
    definition = compiled(
        group(weight, item("computed", "倍", key="double", formula="=［体重］*2"), BIRTH),
        item("computed", "総重量", key="all", formula="=合計（［家族.倍］）"),
        item("computed", "人数", key="count", formula="=［家族.件数］"),
    )
    [family, total, count] = definition.steps[0].fields

    assert [inner.sensitive for inner in family.fields] == [True, True, False]
    assert (family.sensitive, family.holds_sensitive) == (False, True)
    assert (total.sensitive, count.sensitive) == (True, False)


# --- answers


def test_each_row_is_worked_out_on_its_own_and_all_of_them_together() -> None:
    found = state(
        {"family": [{"kin": "c", "birth": "2015-04-01"}, {"kin": "o", "which": "祖母", "birth": "1950-01-01"}]}
    )

    assert found.answers["family"] == [
        {"kin": "c", "birth": "2015-04-01", "age": "11", "fee": "500"},
        {"kin": "o", "which": "祖母", "birth": "1950-01-01", "age": "77", "fee": "0"},
    ]
    assert (found.answers["count"], found.answers["total"]) == ("3", "500")
    assert "child" in found.visible
    assert [row.scope["age"] for row in found.rows["family"]] == [Decimal(11), Decimal(77)]
    assert [row.scope["day"] for row in found.rows["family"]] == [date(2027, 3, 31)] * 2
    assert [row.visible >= {"which"} for row in found.rows["family"]] == [False, True]


@pytest.mark.parametrize(("value", "shown"), [("ある", True), ("いいえ", False)])
def test_a_condition_may_ask_whether_any_row_says_yes(value: str, shown: bool) -> None:
    card = item("yes_no", "手帳", key="card", yes_label="ある")
    helped = item(
        "text", "介助", key="helped", condition={"rows": [{"field": "family.card", "operator": "eq", "value": value}]}
    )
    engine = CompiledForm(compiled(group(card), helped))

    found = engine.state({"family": [{"card": True}, {"card": True}]}, TODAY)
    assert ("helped" in found.visible) is shown


def test_an_answer_to_what_a_row_does_not_show_or_have_does_not_count() -> None:
    found = state({"family": [{"kin": "c", "which": "祖母", "age": "5", "unknown": "x"}, "no row", {}]})

    assert found.answers["family"] == [{"kin": "c", "fee": "500"}]


def test_a_group_without_a_row_is_not_answered() -> None:
    found = state({"family": [{"unknown": "x"}, {}]})

    assert "family" not in found.answers
    assert "family" not in found.rows
    assert found.answers["count"] == "1"
    assert "child" not in found.visible


def test_what_is_missing_or_does_not_hold_in_a_row_is_told_of_that_row() -> None:
    taller = item("number", "身長", key="tall", rules=rule("=［身長］>［家族.件数］*10", "身長を確かめてください。"))
    engine = CompiledForm(compiled(group(taller, item("text", "名前", key="name"))))

    assert engine.state({"family": [{"tall": "25", "name": "甲"}]}, TODAY).broken == {}
    found = engine.state(
        {"family": [{"tall": "25", "name": "甲"}, {"tall": "20", "name": "乙"}, {"tall": "99"}]}, TODAY
    )
    assert found.broken == {"family": "1人目の身長を確かめてください。"}
    assert [sorted(row.broken) for row in found.rows["family"]] == [["tall"], ["tall"], []]
    assert [row.required - row.answers.keys() for row in found.rows["family"]] == [set(), set(), {"name"}]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["kin", "which", "birth", "age", "fee", "x"]),
            st.one_of(
                st.none(), st.text(max_size=4), st.sampled_from(["c", "o", "1990-01-01"]), st.lists(st.integers())
            ),
        ),
        max_size=5,
    )
)
def test_what_counts_of_any_answers_counts_again(rows: list[dict[str, Any]]) -> None:
    found = state({"family": rows})

    assert state(found.answers) == found
    assert len(found.rows.get("family", ())) == len(found.answers.get("family", []))


# --- formulas of requirements, about each row


def test_a_requirement_may_speak_of_each_row_of_a_group() -> None:
    definition = compiled(DAY, FAMILY)
    found: list[Problem] = []
    compiler = BlockCompiler("requirement", _names(definition), found)
    rows = compiler.rows(" 家族 ")
    assert rows is not None
    formula = rows.formula("=もし（［続柄］=「c」、［年齢］+［家族.件数］、0）", "number")

    answers = {"day": "2027-03-31", "family": [{"kin": "c", "birth": "2015-04-01"}, {"kin": "o", "which": "母"}]}
    looked_at = CompiledForm(definition).state(answers, TODAY)
    results = [evaluate(from_json(formula), row.scope, today=TODAY) for row in looked_at.rows[rows.group]]
    assert (rows.group, results, found) == ("family", [Decimal(13), Decimal(0)], [])

    assert rows.formula("=［知らない］") is None
    assert compiler.rows("基準日") is None
    assert [problem.block for problem in found] == ["requirement"] * 2
    assert "「基準日」という繰り返しの項目がありません。" in found[1].message


def _names(definition: FormDefinition) -> Names:
    """The items as the compiler of a form knows them."""
    engine, names = CompiledForm(definition), Names()
    for field in engine.fields.values():
        rows = field.row.fields.values() if field.row else ()
        inside = tuple(Item(one.key, one.type, {"label": one.definition.label}) for one in rows)
        made = Item(field.key, field.type, {"label": field.definition.label}, rows=inside)
        names.by_key[made.key] = names.by_name[made.name] = made
    return names
