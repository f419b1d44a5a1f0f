"""長い一覧, 表で選ぶ, 品目と数量, 二段階で選ぶ, 地点 and 都道府県: what has several boxes."""

from decimal import Decimal
from typing import Any

import pytest

from formbuilder.blocks import body_block
from formbuilder.compiler import compile_form
from formbuilder.definition import FormDefinition, StepDef
from formbuilder.expressions.nodes import Call, FieldRef, Value
from formbuilder.fields.split import part_code
from formbuilder.translating import texts_of, translated
from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of

ROWS = [{"label": "窓口", "code": "desk"}, {"label": "説明", "code": ""}]
LEVELS = [{"label": "よい", "code": "good"}, {"label": "悪い", "code": "bad"}]
TOLD = part_code("説明")
COPIES = [
    {"label": "住民票の写し", "code": "copy", "price": 300, "most": 5},
    {"label": "印鑑証明", "code": "seal", "price": 1200, "most": 2},
]


# --- 表で選ぶ


def test_every_row_of_a_matrix_is_answered_once_one_is() -> None:
    field = item("matrix", rows=ROWS, choices=LEVELS)

    assert take(field, {"desk": "good", TOLD: "bad"}) == {"desk": "good", TOLD: "bad"}
    missing = refusal(field, {"desk": "good"})
    assert (missing.part, missing.message) == (TOLD, "「説明」を選んでください。")
    assert take(item("matrix", rows=ROWS, choices=LEVELS, every_row=False), {"desk": "good"}) == {"desk": "good"}
    assert refusal(field, {"desk": "よい", TOLD: "bad"}).part == "desk"


def test_each_row_of_a_matrix_has_its_column_and_its_group_of_buttons() -> None:
    field = item("matrix", "満足度", rows=ROWS, choices=LEVELS)
    answer = {"desk": "good", TOLD: "bad"}

    assert type_of(field).headers(field) == ["満足度：窓口", "満足度：説明"]
    assert cells(field, answer) == ["よい", "悪い"]
    assert shown(field, answer) == "窓口：よい\n説明：悪い"
    assert html_of(field).count('role="radiogroup"') == 2
    assert html_of(field, answer).count(" checked") == 2


def test_a_column_follows_its_row_when_others_come_before_it() -> None:
    before, after = (
        item("matrix", rows=rows, choices=LEVELS) for rows in (ROWS, [{"label": "待ち時間", "code": "wait"}, *ROWS])
    )
    keys = [[each.key for each in type_of(field).items(field)] for field in (before, after)]

    assert keys[1][1:] == keys[0]


def test_two_rows_or_options_of_a_matrix_cannot_be_called_the_same() -> None:
    assert "質問「窓口」が二つあります。" in problems_of("matrix", rows=[*ROWS, ROWS[0]], choices=LEVELS)[0]
    assert problems_of("matrix", rows=[], choices=LEVELS) == ["質問がありません。二つ以上入れてください。"]


@pytest.mark.parametrize("part", ["desk", "窓口"])
def test_a_condition_names_a_row_by_its_code_or_its_label(part: str) -> None:
    matrix = {"type": "matrix", "id": "m", "value": {"label": "満足度", "rows": ROWS, "choices": LEVELS}}
    rows = [{"field": f"m.{part}", "operator": "eq", "value": "悪い"}]
    why = {"type": "text", "id": "t", "value": {"label": "理由", "condition": {"rows": rows, "match": "all"}}}
    body = body_block().to_python([{"type": "step", "id": "s", "value": {"title": "画面", "fields": [matrix, why]}}])

    asked = compile_form(title="題名", body=body).steps[0].fields[1]
    assert asked.visible == Call("eq", (FieldRef("m", "desk"), Value("bad", "text")))


# --- 品目と数量


def test_things_are_counted_and_summed() -> None:
    field = item("goods", "証明書", things=COPIES, counter="通")
    answer = take(field, {"copy": "２通", "seal": "1"})

    assert answer == {"copy": "2", "seal": "1"}
    assert type_of(field).scalars(field, answer) == {"total": Decimal(1800), "count": Decimal(3)}
    assert shown(field, answer) == "住民票の写し：2通（600円）\n印鑑証明：1通（1,200円）\n合計：1,800円"
    assert type_of(field).headers(field) == ["証明書：住民票の写し", "証明書：印鑑証明", "証明書：合計金額"]
    assert cells(field, answer) == ["2", "1", "1800"]


def test_no_more_things_than_there_may_be() -> None:
    field = item("goods", "証明書", things=COPIES, most=4)

    assert take(field, {"copy": "0", "seal": ""}) is None
    assert refusal(field, {"copy": "6"}).message == "住民票の写しの数は0から5までの数字で入力してください。"
    for typed in ("-1", "1.5", "二"):
        assert refusal(field, {"seal": typed}).part == "seal"
    assert refusal(field, {"copy": "3", "seal": "2"}).message == "証明書は全部で4個までです（今は5個です）。"


def test_nothing_chosen_is_a_sum_of_nothing() -> None:
    field = item("goods", things=COPIES)

    assert type_of(field).scalars(field, None) == {"total": Decimal(0), "count": Decimal(0)}


def test_a_thing_called_like_the_sum_has_another_code() -> None:
    field = item("goods", things=[{**COPIES[0], "code": "total"}])

    assert list(type_of(field).parts_of(field)) == ["total_"]


# --- 二段階で選ぶ


def test_the_second_choice_belongs_to_the_first() -> None:
    field = item("linked", groups=[{"label": "川", "choices": "橋\n護岸"}, {"label": "海", "choices": "橋\n堤防"}])

    assert take(field, {"first": "海", "second": "橋"}) == {"first": "海", "second": "橋"}
    assert take(field, {"second": "護岸"}) == {"first": "川", "second": "護岸"}
    assert refusal(field, {"second": "橋"}).part == "first"  # there are two
    assert refusal(field, {"first": "川", "second": "堤防"}).message.startswith("「堤防」は「川」の中にありません。")
    assert shown(field, {"first": "海", "second": "橋"}) == "海 › 橋"


def test_both_levels_need_options() -> None:
    assert problems_of("linked", groups=[])[0].startswith("選択肢がありません。")
    assert "二つあります" in problems_of("linked", groups=[{"label": "川", "choices": "橋\n橋"}])[0]


# --- 長い一覧から探す

SCHOOLS = "101\t見本小学校\tみほん\n102\t見本北小学校\tみほんきた\n201\t赤塚中学校\tあかつか"


@pytest.mark.parametrize("typed", ["赤塚中学校", "アカツカ", "201", "赤塚"])
def test_a_part_of_a_name_is_enough_where_nothing_else_has_it(typed: str) -> None:
    assert take(item("listed", table=SCHOOLS), {"name": typed}) == "赤塚中学校"


def test_several_are_offered_and_none_is_guessed() -> None:
    field = item("listed", table=SCHOOLS)

    assert refusal(field, {"name": "見本"}).message.startswith("「見本」に当てはまるものが2件あります。")
    assert "ありません" in refusal(field, {"name": "高校"}).message
    assert type_of(field).assist(field, {"name": "見本"}) == {}
    assert type_of(field).offers(field, {"name": "見本"}) == [{"name": "見本小学校"}, {"name": "見本北小学校"}]
    assert type_of(field).assist(field, {"name": "きた"}) == {"name": "見本北小学校"}


def test_a_sheet_is_taken_with_tabs_commas_or_names_alone() -> None:
    assert cells(item("listed", table=SCHOOLS), "見本小学校") == ["見本小学校", "101"]
    assert cells(item("listed", table='7,"見本,本校"'), "見本,本校") == ["見本,本校", "7"]
    assert cells(item("listed", table="見本小学校\n\n"), "見本小学校") == ["見本小学校", ""]


def test_a_list_without_rows_or_with_one_name_twice_cannot_be_published() -> None:
    assert problems_of("listed", table=",")[0].startswith("一覧がありません。")
    assert "「見本」が二つあります" in problems_of("listed", table="1,見本\n2,見本")[0]
    assert "5,000行まで" in problems_of("listed", table="\n".join(map(str, range(5001))))[0]


# --- 地点 and 都道府県


def test_a_spot_is_taken_as_map_programs_copy_it() -> None:
    field = item("spot")

    assert take(field, {"lat": "37.9161921, 139.0364131"}) == {"lat": "37.916192", "lng": "139.036413"}
    assert take(field, {"lat": "３７．９", "lng": "139"}) == {"lat": "37.9", "lng": "139"}
    assert refusal(field, {"lat": "91", "lng": "139"}).part == "lat"
    assert refusal(field, {"lat": "37"}).part == "lng"
    assert type_of(field).cell_kinds(field) == ["number", "number"]


def test_a_prefecture_is_one_of_47() -> None:
    assert take(item("prefecture"), "新潟県") == "新潟県"
    refusal(item("prefecture"), "新潟")
    assert html_of(item("prefecture")).count("<option") == 48


# --- in another language


def test_what_the_editor_calls_boxes_and_options_can_be_translated() -> None:
    items: list[Any] = [
        item("matrix", rows=ROWS, choices=LEVELS),
        item("goods", things=COPIES),
        item("linked", first_label="場所", groups=[{"label": "川", "choices": "橋"}]),
    ]
    definition = FormDefinition("題名", (StepDef("s", "1", "画面", fields=tuple(items)),))
    sources = {text.source for text in texts_of(definition)}

    assert {"窓口", "よい", "住民票の写し", "個", "場所", "川", "橋"} <= sources
    spoken = translated(FormDefinition("題名", definition.steps, translations={"en": {"橋": "Bridge"}}), "en")
    assert 'value="橋">Bridge' in html_of(spoken.steps[0].fields[2])
