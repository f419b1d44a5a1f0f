"""One table for all versions of a form."""

import pytest
from django.test import Client

from exports.columns import FIXED, layout_of, versions_of
from tests.exports.reading import csv_rows, csv_table
from tests.support.cast import Cast, draft, item, make_form, submit, when


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def test_a_renamed_item_keeps_its_column_under_its_newest_name(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "名前", key="n")]})
    submit(form, {"名前": "旧"})
    make_form(cast.children, steps={"内容": [item("text", "お名前", key="n")]})
    submit(form, {"お名前": "新"})
    rows = csv_table(desk)
    assert [(row["版"], row["お名前"]) for row in rows] == [("第1版", "旧"), ("第2版", "新")]
    assert "名前" not in rows[0]


def test_a_removed_item_keeps_its_column_beside_its_former_neighbour(cast: Cast, desk: Client) -> None:
    form = make_form(
        cast.children, steps={"内容": [item("text", "一"), item("text", "二"), item("text", "三"), item("text", "四")]}
    )
    submit(form, {"一": "1", "二": "2", "三": "3", "四": "4"})
    make_form(cast.children, steps={"内容": [item("text", "四"), item("text", "一"), item("text", "五")]})
    submit(form, {"一": "1", "四": "4", "五": "5"})
    headings, *rows = csv_rows(desk)
    assert headings[5:] == ["四", "一", "二", "三", "五"]
    assert [row[5:] for row in rows] == [["4", "1", "2", "3", ""], ["4", "1", "", "", "5"]]


def test_an_item_removed_from_the_front_stays_in_front(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "先頭"), item("text", "次")]})
    submit(form, {"先頭": "1", "次": "2"})
    make_form(cast.children, steps={"内容": [item("text", "次"), item("text", "後")]})
    assert csv_rows(desk)[0][5:] == ["先頭", "次", "後"]


def test_a_changed_type_is_a_column_of_its_own(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "人数", key="n")]})
    submit(form, {"人数": "三人くらい"})
    make_form(cast.children, steps={"内容": [item("number", "人数", key="n")]})
    submit(form, {"人数": "3"})
    headings, *rows = csv_rows(desk)
    assert headings[5:] == ["人数", "人数（2）"]
    assert [row[5:] for row in rows] == [["", "三人くらい"], ["3", ""]]


def test_of_two_equal_names_the_item_of_today_keeps_it(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "理由", key="old"), item("text", "次")]})
    submit(form, {"理由": "旧", "次": "x"})
    make_form(cast.children, steps={"内容": [item("text", "次"), item("text", "理由", key="new")]})
    submit(form, {"次": "y", "理由": "新"})
    headings, *rows = csv_rows(desk)
    assert headings[5:] == ["理由（2）", "次", "理由"]
    assert [row[5:] for row in rows] == [["旧", "x", ""], ["", "y", "新"]]


def test_two_items_of_the_same_name_are_told_apart(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "状態"), item("text", "ほか")]})
    submit(form, {"状態": "良好", "ほか": "x"})
    assert csv_table(desk)[0]["状態（2）"] == "良好"
    assert csv_table(desk)[0]["状態"] == "受付済"


def test_a_version_that_nobody_applied_with_leaves_no_column(cast: Cast) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "間違い")]})
    draft(form, {"間違い": "下書き"})
    make_form(cast.children, steps={"内容": [item("text", "正しい")]})
    assert layout_of(list(versions_of(form.pk))).headings == (*FIXED, "正しい")


def test_columns_do_not_depend_on_the_filters(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, steps={"内容": [item("text", "旧い項目")]})
    submit(form, {"旧い項目": "1"})
    make_form(cast.children, steps={"内容": [item("text", "新しい項目")]})
    newest = submit(form, {"新しい項目": "2"})
    assert csv_rows(desk, f"?q={newest.reference}")[0] == csv_rows(desk)[0]


def test_a_hidden_answer_is_not_exported_and_a_calculated_one_is(cast: Cast, desk: Client) -> None:
    form = make_form(
        cast.children,
        steps={
            "内容": [
                item("yes_no", "多胎"),
                item("number", "胎児の数", required=False, condition=when("多胎", "eq", "はい")),
                item("computed", "支給額", formula="=50000"),
            ]
        },
    )
    submit(form, {"多胎": False, "胎児の数": "3"})
    row = csv_table(desk)[0]
    assert (row["多胎"], row["胎児の数"], row["支給額"]) == ("いいえ", "", "50000")
