"""Every row of a group has columns of its own."""

import pytest
from django.test import Client

from tests.exports.reading import csv_rows, csv_table, sheet_rows, workbook
from tests.support.cast import Cast, item, make_form, submit

NAME = item("full_name", "氏名", key="name")
AGE = item("number", "年齢", key="age", required=False)


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def person(given: str, **others: str) -> dict[str, object]:
    return {"name": {"family": "見本", "given": given}, **others}


def test_each_item_of_each_row_has_its_column(cast: Cast, desk: Client) -> None:
    group = item(
        "repeat", "家族", key="g", required=False, max=2, fields=[NAME, AGE, item("heading", "見出し", key="h")]
    )
    form = make_form(cast.children, steps={"内容": [item("text", "備考"), group]})
    submit(form, {"備考": "一", "家族": [person("太郎", age="12"), person("次郎")]})
    submit(form, {"備考": "二"})

    headings, *rows = csv_rows(desk)
    assert headings[5:] == [
        "備考",
        "家族1：氏名：姓",
        "家族1：氏名：名",
        "家族1：年齢",
        "家族2：氏名：姓",
        "家族2：氏名：名",
        "家族2：年齢",
    ]
    assert [row[5:] for row in rows] == [
        ["一", "見本", "太郎", "12", "見本", "次郎", ""],
        ["二", "", "", "", "", "", ""],
    ]
    assert [row[5:] for row in sheet_rows(workbook(desk), "出産応援ギフト")[1:]] == [row[5:] for row in rows]


def test_an_item_of_a_row_keeps_its_column_through_the_versions(cast: Cast, desk: Client) -> None:
    old = item("repeat", "家族", key="g", max=2, fields=[NAME, AGE])
    submit(
        make_form(cast.children, steps={"内容": [old]}), {"家族": [person("太郎", age="12"), person("次郎", age="9")]}
    )
    kin = item("text", "続柄", key="kin")
    new = item("repeat", "世帯", key="g", max=1, fields=[kin, NAME])
    submit(make_form(cast.children, steps={"内容": [new]}), {"世帯": [person("三郎", kin="子")]})

    first, second = csv_table(desk)
    assert (first["世帯1：氏名：名"], first["家族1：年齢"], first["世帯1：続柄"]) == ("太郎", "12", "")
    assert (first["家族2：氏名：名"], first["家族2：年齢"]) == ("次郎", "9")
    assert (second["世帯1：氏名：名"], second["世帯1：続柄"], second["家族2：氏名：名"]) == ("三郎", "子", "")
