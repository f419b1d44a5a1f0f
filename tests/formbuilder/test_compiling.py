"""What cannot be published, and which block and setting is told so."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from wagtail.blocks import StreamValue

from formbuilder.blocks import body_block
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.definition import FormDefinition
from formbuilder.expressions.nodes import Call, FieldRef, Value
from formbuilder.items import Problem
from tests.support.cast import item, when

Item = dict[str, Any]
Screen = Mapping[str, Any]

YES_NO = item("yes_no", "多胎", key="tatai")
STOP = {"message": "<p>市内の方だけです。</p>"}


def screen(*items: Item, key: str = "one", **settings: Any) -> Screen:
    return {"key": key, "title": "画面", **settings, "items": items}


def body(*screens: Screen) -> StreamValue:
    """The editor's blocks, as they stand in a draft: nothing validated."""
    raw = [
        {
            "type": "step",
            "id": each["key"],
            "value": {
                **{name: value for name, value in each.items() if name not in ("key", "items")},
                "fields": [{"type": one["type"], "id": one["id"], "value": one["settings"]} for one in each["items"]],
            },
        }
        for each in screens
    ]
    return body_block().to_python(raw)


def compiled(*screens: Screen) -> FormDefinition:
    return compile_form(title="試し", body=body(*screens))


def problems(*screens: Screen) -> list[Problem]:
    with pytest.raises(CompileErrors) as refused:
        compiled(*screens)
    return refused.value.problems


def the_problem(*screens: Screen) -> Problem:
    [problem] = problems(*screens)
    return problem


def rule(formula: str, message: str = "確かめてください。") -> list[dict[str, str]]:
    return [{"formula": formula, "message": message}]


def test_a_form_becomes_a_definition() -> None:
    definition = compiled(
        screen(YES_NO, item("number", "胎児の数", key="kazu", min="2", condition=when_tatai())),
        screen(item("computed", "支給額", key="gaku", formula="=もし(［多胎］,［胎児の数］,1)*50000"), key="two"),
    )
    assert [(step.key, step.slug) for step in definition.steps] == [("one", "1"), ("two", "2")]
    number = definition.steps[0].fields[1]
    assert number.visible == Call("eq", (FieldRef("tatai"), Value(True, "boolean")))
    assert number.options["min"] == "2"
    assert definition.steps[1].fields[0].options["formula"]["op"] == "mul"


def when_tatai(value: str = "はい") -> dict[str, Any]:
    return {"rows": [{"field": "tatai", "operator": "eq", "value": value}], "match": "all"}


def test_a_form_without_a_screen_is_refused() -> None:
    problem = the_problem()
    assert (problem.block, problem.message) == ("", "画面が一つもありません。画面を足してください。")


def test_a_screen_without_an_item_is_refused() -> None:
    problem = the_problem(screen(title="空の画面"))
    assert problem.block == "one"
    assert str(problem) == "画面「空の画面」: 項目がありません。項目を足すか、画面を消してください。"


def test_a_screen_without_a_title_is_refused() -> None:
    problem = the_problem(screen(YES_NO, title=""))
    assert (problem.block, problem.message) == ("one", "画面の題名: 必ず入力してください。")
    assert problem.where == "1番目の画面"


@pytest.mark.parametrize("broken", ["item", "screen"])
def test_a_block_without_an_id_is_refused(broken: str) -> None:
    stream = body(screen(YES_NO))
    target = stream[0] if broken == "screen" else stream[0].value["fields"][0]
    target.id = None
    with pytest.raises(CompileErrors) as refused:
        compile_form(title="試し", body=stream)
    assert any("識別番号がありません" in problem.message for problem in refused.value.problems)


def test_two_items_of_one_name_are_refused_at_the_second() -> None:
    second = item("text", "見出しは別", key="b")
    second["settings"]["name"] = "多胎"
    problem = the_problem(screen(YES_NO, second))
    assert (problem.block, problem.setting) == ("b", ("name",))
    assert "項目名「多胎」が二つあります" in problem.message


def test_a_label_counts_as_the_name_where_none_is_given() -> None:
    assert the_problem(screen(YES_NO, item("text", "多胎", key="b"))).block == "b"


def test_what_is_only_shown_needs_no_name_of_its_own() -> None:
    compiled(screen(YES_NO, item("heading", "多胎", key="b"), item("heading", "多胎", key="c")))


def test_two_blocks_of_one_id_are_refused() -> None:
    found = problems(screen(YES_NO, item("text", "別の項目", key="tatai")))
    assert "同じ識別番号の項目が二つあります。一方を消して作り直してください。" in [each.message for each in found]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"formula": ""}, "式: 必ず入力してください。"),
        ({"formula": "=［いない］"}, "式: 2文字目: 「いない」という項目がありません。項目名を確かめてください。"),
        ({"formula": "=1+"}, "式: 式の終わり"),
        ({"formula": "=［多胎］"}, "式の結果が数になりません。"),
        ({"formula": "=［多胎］*2"}, "式: "),
        ({"formula": "=［住所］"}, "［住所.市区町村］"),
        ({"formula": "=［住所.番地］"}, "「住所」に「番地」という部分はありません。"),
        ({"formula": "=［写真］"}, "「写真」（写真）は式に使えません。"),
        ({"formula": "=" + "(" * 200 + "1" + ")" * 200}, "式: "),
        ({"formula": "=合計(" + ",".join(["1"] * 3000) + ")"}, "式: "),
    ],
)
def test_a_formula_that_cannot_be_worked_out_is_refused_at_its_item(settings: dict[str, str], message: str) -> None:
    found = problems(
        screen(
            YES_NO,
            item("address", "住所"),
            item("photo", "写真"),
            item("computed", "支給額", key="gaku", **settings),
        )
    )
    assert {problem.block for problem in found} == {"gaku"}
    assert message in " ".join(problem.message for problem in found)


def test_a_rule_that_is_no_yes_or_no_is_refused_at_the_rule() -> None:
    rules = [*rule("=［人数］>1"), *rule("=［人数］+1")]
    problem = the_problem(screen(item("number", "人数", key="n", rules=rules)))
    assert (problem.block, problem.setting) == ("n", ("rules", 1))
    assert problem.message == "式の結果がはい・いいえになりません。"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"field": "gone", "operator": "eq", "value": "1"}, "条件に選んだ項目が、この申請にありません"),
        ({"field": "", "operator": "eq", "value": "1"}, "表示条件 › 条件 › 1番目 › 項目: 必ず入力してください。"),
        ({"field": "tatai", "operator": "eq", "value": ""}, "「多胎」と比べる値を入力してください。"),
        ({"field": "tatai", "operator": "eq", "value": "たぶん"}, "「はい」か「いいえ」にしてください。"),
        ({"field": "tatai", "operator": "gt", "value": "はい"}, "表示条件: "),
        ({"field": "kazu", "operator": "gt", "value": "たくさん"}, "「数」と比べる値を数字で入力してください。"),
        ({"field": "hi", "operator": "gt", "value": "きのう"}, "「日」と比べる日付: "),
        ({"field": "eranda", "operator": "eq", "value": "無い"}, "「無い」という選択肢はありません（甲・乙）。"),
        ({"field": "jusho", "operator": "eq", "value": "新潟市"}, "どの部分と比べるかまで選んでください。"),
        ({"field": "jusho.town", "operator": "gt", "value": "1"}, "表示条件: "),
        ({"field": "tatai", "operator": "nothing", "value": "1"}, "表示条件 › 条件 › 1番目 › 比べ方: "),
    ],
)
def test_a_condition_that_cannot_be_decided_is_refused_at_its_item(row: dict[str, str], message: str) -> None:
    found = problems(
        screen(
            YES_NO,
            item("number", "数", key="kazu"),
            item("date", "日", key="hi"),
            item("choice", "選ぶ", key="eranda", choices=[{"label": "甲", "code": "a"}, {"label": "乙", "code": ""}]),
            item("address", "住所", key="jusho"),
            item("text", "備考", key="bikou", condition={"rows": [row], "match": "all"}),
        )
    )
    assert {problem.block for problem in found} == {"bikou"}
    assert message in " ".join(problem.message for problem in found)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"type_": "text", "condition": when("後の項目", "not_blank")}, "表示条件が"),
        ({"type_": "computed", "formula": "=［後の項目］*2"}, "式が"),
        ({"type_": "number", "rules": rule("=［前］<［後の項目］")}, "入力規則が"),
    ],
)
def test_an_item_cannot_wait_for_an_answer_of_a_later_screen(settings: dict[str, Any], what: str) -> None:
    type_ = settings.pop("type_")
    problem = the_problem(
        screen(item(type_, "前", key="mae", **settings)), screen(item("number", "後の項目"), key="two")
    )
    assert str(problem) == f"「前」: {what}、後の画面の「後の項目」を使っています。"


def test_items_of_one_screen_may_look_at_each_other_either_way() -> None:
    compiled(screen(item("text", "前", condition=when("後", "not_blank")), item("text", "後")))


@pytest.mark.parametrize("place", ["own", "later"])
def test_a_screen_is_shown_for_answers_of_screens_before_it(place: str) -> None:
    asked = screen(YES_NO, key="two")
    conditional = screen(item("text", "備考"), *([YES_NO] if place == "own" else []), condition=when_tatai())
    problem = the_problem(conditional, *([asked] if place == "later" else []))
    assert (problem.block, problem.setting) == ("one", ("condition",))
    assert problem.message == "表示条件は、前の画面の項目だけを使えます。「多胎」は前の画面にありません。"
    if place == "later":
        compiled(asked, conditional)


CYCLES: dict[str, Callable[[], Sequence[Item]]] = {
    "two conditions": lambda: (
        item("text", "甲", condition=when("乙", "not_blank")),
        item("text", "乙", condition=when("甲", "blank")),
    ),
    "two calculations": lambda: (
        item("computed", "甲", formula="=［乙］+1"),
        item("computed", "乙", formula="=［甲］+1"),
    ),
    "a condition and a calculation": lambda: (
        item("number", "甲", condition=when("乙", "gt", "1")),
        item("computed", "乙", formula="=［甲］+1"),
    ),
    "an item and itself": lambda: (item("text", "甲", condition=when("甲", "not_blank")),),
}


@pytest.mark.parametrize("name", CYCLES)
def test_items_that_wait_for_each_other_are_refused(name: str) -> None:
    problem = the_problem(screen(*CYCLES[name]()))
    assert "輪になっています" in problem.message
    assert "「甲」" in problem.message


def test_an_eligibility_stop_needs_a_condition() -> None:
    problem = the_problem(screen(YES_NO, item("stop", "対象外", key="stop", **STOP)))
    assert (problem.block, problem.message) == (
        "stop",
        "対象外になる条件がありません。「表示条件」に条件を足してください。",
    )


@pytest.mark.parametrize(
    ("type_", "settings", "message"),
    [
        ("text", {"max_length": None}, "最大の文字数: 必ず入力してください。"),
        ("text", {"max_length": "たくさん"}, "最大の文字数: "),
        ("number", {"decimals": None}, "小数点以下の桁数: 必ず入力してください。"),
        ("photo", {"min_files": None, "max_files": None}, "少なくとも付ける数（枚）: 必ず入力してください。"),
        ("choice", {"choices": [{"label": "", "code": ""}]}, "選択肢 › 1番目 › 選択肢: 必ず入力してください。"),
        ("choice", {"choices": []}, "選択肢がありません"),
        ("yes_no", {"yes_label": "", "no_label": ""}, "「はい」の文字: 必ず入力してください。"),
        ("consent", {"statement": ""}, "チェックの文字: 必ず入力してください。"),
        ("rich_text", {"html": ""}, "説明文: 必ず入力してください。"),
        ("computed", {"formula": None}, "式: 必ず入力してください。"),
        ("text", {"rules": rule("", "")}, "規則 › 1番目 › 満たすべき式: 必ず入力してください。"),
    ],
)
def test_a_draft_may_lack_a_setting_but_is_not_published(type_: str, settings: dict[str, Any], message: str) -> None:
    found = problems(screen(item(type_, "項目", key="x", **settings)))
    assert {problem.block for problem in found} == {"x"}
    assert message in " ".join(problem.message for problem in found)


def test_other_items_may_speak_of_one_that_lacks_a_setting() -> None:
    """Each gets its own message; nothing else breaks."""
    found = problems(
        screen(
            item("choice", "選ぶ", key="eranda", choices=[{"label": "", "code": ""}]),
            item("text", "備考", key="bikou", condition=when_choice("甲")),
            item("computed", "金額", key="gaku", formula=""),
            item("number", "人数", key="n", rules=rule("=［人数］<［金額］")),
        )
    )
    assert {problem.block for problem in found} == {"eranda", "bikou", "gaku"}


def when_choice(value: str) -> dict[str, Any]:
    return {"rows": [{"field": "eranda", "operator": "eq", "value": value}], "match": "all"}


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        screen(YES_NO, item("text", "多胎", key="b"), item("stop", "対象外", key="c", **STOP)),
        screen(key="two", title="空"),
    )
    assert [problem.block for problem in found] == ["b", "c", "two"]
