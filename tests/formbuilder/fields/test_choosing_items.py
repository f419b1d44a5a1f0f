import pytest

from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of

COLOURS = [{"label": "赤", "code": "r"}, {"label": "青", "code": ""}, {"label": "白", "code": "w"}]


def test_yes_and_no_are_answers_and_nothing_is_none() -> None:
    field = item("yes_no")

    assert [take(field, raw) for raw in ("yes", "no", "")] == [True, False, None]
    assert [shown(field, answer) for answer in (True, False, None)] == ["はい", "いいえ", ""]
    assert cells(field, False) == ["いいえ"]
    assert type_of(field).scalars(field, False) == {"": False}


@pytest.mark.parametrize("raw", ["はい", "on", "true", "YES", "\x00"])
def test_only_the_two_answers_are_taken(raw: str) -> None:
    assert refusal(item("yes_no", "多胎ですか"), raw).message == "「多胎ですか」のどちらかを選んでください。"


def test_yes_and_no_may_be_worded_otherwise() -> None:
    field = item("yes_no", yes_label="ある", no_label="ない")

    assert shown(field, True) == "ある"
    assert "ない" in html_of(field)
    assert problems_of("yes_no", yes_label="はい", no_label="はい") != []


def test_consent_is_given_or_missing() -> None:
    field = item("consent", "個人情報の取扱い")

    assert take(field, "yes") is True
    assert take(field, "") is None
    assert type_of(field).missing_message(field) == "「同意する」にチェックを入れてください。"
    assert refusal(field, "no").message == "「同意する」にチェックを入れてください。"
    assert [shown(field, answer) for answer in (True, None)] == ["同意する", ""]


def test_consent_may_be_worded_otherwise() -> None:
    field = item("consent", statement="条件を読みました")

    assert type_of(field).missing_message(field) == "「条件を読みました」にチェックを入れてください。"
    assert "条件を読みました" in html_of(field)
    assert shown(field, True) == "条件を読みました"


def test_an_answer_is_the_code_of_an_option_and_is_shown_as_its_text() -> None:
    field = item("choice", choices=COLOURS)

    assert [take(field, raw) for raw in ("r", "青", "")] == ["r", "青", None]
    assert [shown(field, answer) for answer in ("r", "青", None)] == ["赤", "青", ""]
    assert cells(field, "r") == ["赤"]
    assert cells(field, None) == [""]
    assert type_of(field).json_schema(field)["enum"] == ["r", "青", "w"]


@pytest.mark.parametrize("raw", ["赤", "緑", "R", "r ", "<script>"])
def test_only_what_is_offered_can_be_chosen(raw: str) -> None:
    refused = refusal(item("choice", "色", choices=COLOURS), raw)
    assert refused.message == "色は、示された選択肢の中から選んでください。"
    assert refusal(item("choices", "色", choices=COLOURS), ["r", raw]).message == refused.message


def test_a_choice_is_drawn_as_buttons_or_as_a_list() -> None:
    assert html_of(item("choice", choices=COLOURS)).count('type="radio"') == 3
    assert html_of(item("choice", choices=COLOURS, widget="select"), "w").count("<option") == 4


def test_several_are_kept_in_the_order_of_the_form_each_once() -> None:
    field = item("choices", choices=COLOURS)

    assert take(field, ["w", "r", "w", ""]) == ["r", "w"]
    assert take(field, []) is None
    assert shown(field, ["r", "w"]) == "赤、白"
    assert cells(field, ["r", "w"]) == ["赤、白"]
    assert cells(field, None) == [""]
    assert type_of(field).scalars(field, ["r", "w"]) == {"": ("r", "w")}


def test_how_many_are_chosen_may_be_limited() -> None:
    field = item("choices", "色", choices=COLOURS, min=2, max=2)

    assert take(field, ["r", "青"]) == ["r", "青"]
    assert refusal(field, ["r"]).message == "色は2個以上選んでください。"
    assert refusal(field, ["r", "青", "w"]).message == "色は2個まで選べます（今は3個です）。"


def test_lists_that_make_no_sense_cannot_be_published() -> None:
    assert problems_of("choice", choices=[]) == ["選択肢がありません。二つ以上入れてください。"]
    twice = [{"label": "赤", "code": "r"}, {"label": "赤", "code": "r"}]
    assert problems_of("choice", choices=twice) == [
        "選択肢「赤」が二つあります。一方を変えてください。",
        "コード「r」が二つあります。一方を変えてください。",
    ]
    clash = [{"label": "赤", "code": "青"}, {"label": "青", "code": ""}]
    assert problems_of("choices", choices=clash) == ["コード「青」が二つあります。一方を変えてください。"]
    assert len(problems_of("choices", choices=COLOURS, min=3, max=2)) == 1
    assert problems_of("choices", choices=COLOURS, min=4) == ["選択肢は3個なので、4個以上選ぶことはできません。"]


def test_conditions_are_told_the_options() -> None:
    field_type = type_of(item("choice"))

    assert field_type.editor_options({"choices": COLOURS}) == [
        {"value": "r", "label": "赤"},
        {"value": "青", "label": "青"},
        {"value": "w", "label": "白"},
    ]
    assert type_of(item("text")).editor_options({}) is None
