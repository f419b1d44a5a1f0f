"""A resident fills in a group of rows (繰り返し), without a script."""

from typing import Any

import pytest
from django.test import Client

from formbuilder.models import FormPage
from tests.applications.residents import Resident, errors_of, leads_to, text_of
from tests.support.cast import Cast, item, key_of, make_form, when

GROUP = key_of("家族")
BOX = f"f-{GROUP}"
ROW = [
    item("full_name", "氏名", key="name"),
    item("date", "生年月日", key="birth", not_future=True),
    item("choice", "続柄", key="kin", choices=[{"label": "子", "code": "child"}, {"label": "その他", "code": ""}]),
    item(
        "text",
        "続柄の説明",
        key="which",
        condition={"rows": [{"field": "kin", "operator": "eq", "value": "その他"}], "match": "all"},
    ),
    item("computed", "年齢", key="age", formula="=年齢（［生年月日］、日付（2027,3,31））", unit="歳"),
    item("number", "荷物", key="luggage", required=False, max="5"),
]
STEPS = {
    "申請者": [item("full_name", "氏名"), item("yes_no", "家族と受ける")],
    "家族": [
        item(
            "repeat",
            "家族",
            required=False,
            max=3,
            word="ご家族",
            condition=when("家族と受ける", "eq", "はい"),
            fields=ROW,
        ),
        item("computed", "荷物の合計", formula="=合計（［家族.荷物］）", unit="個"),
        item("computed", "人数", formula="=1+［家族.件数］", unit="人"),
    ],
}


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", {"氏名": {"family": "見本", "given": "花子"}, "家族と受ける": True})
    return resident


def row(number: int | str, **boxes: Any) -> dict[str, Any]:
    """What a browser sends of one row; name="見本 太郎", birth="2015-04-01", the others as they stand in the box."""
    family, _, given = boxes.pop("name", "").partition(" ")
    year, month, day = (boxes.pop("birth", "") or "--").split("-")
    sent = {"name-family": family, "name-given": given, "birth-era": "西暦"}
    sent |= {"birth-year": year, "birth-month": month, "birth-day": day, "kin": "", "which": "", "luggage": ""}
    return {f"{BOX}.{number}.{key}": text for key, text in (sent | boxes).items()}


TARO = {"name": "見本 太郎", "birth": "2015-04-01", "kin": "child"}
JIRO = {"name": "見本 次郎", "birth": "2018-12-24", "kin": "その他", "which": "孫", "luggage": "2"}


def send(resident: Resident, *rows: dict[str, Any], **others: str) -> Any:
    numbers = [name.split(".")[1] for each in rows for name in list(each)[:1]]
    data: dict[str, Any] = {BOX: numbers, "action": "next", "whole": "1", **others}
    for each in rows:
        data |= each
    return resident.post("2", data)


def test_the_rows_are_kept_as_they_were_filled_in(resident: Resident) -> None:
    response = send(resident, row(0, **TARO), row(1, **JIRO))

    assert leads_to(response) == "check"
    assert resident.answers["家族"] == [
        {"name": {"family": "見本", "given": "太郎"}, "birth": "2015-04-01", "kin": "child", "age": "11"},
        {
            "name": {"family": "見本", "given": "次郎"},
            "birth": "2018-12-24",
            "kin": "その他",
            "which": "孫",
            "age": "8",
            "luggage": "2",
        },
    ]
    check = text_of(resident.get("check"))
    assert "【2人目】 氏名：見本 次郎 生年月日：" in check
    assert "荷物の合計 2個" in check
    assert "人数 3人" in check


def test_what_is_wrong_is_told_at_the_box_and_the_summary_says_in_which_row(resident: Resident) -> None:
    response = send(resident, row(0, **TARO), row(1, name="見本", kin="その他", luggage="9"))

    assert errors_of(response) == [
        "2人目の名を入力してください。",
        "2人目の生年月日を入力してください。",
        "2人目の続柄の説明を入力してください。",
        "2人目の荷物は5以下の数字で入力してください。",
    ]
    html = response.content.decode()
    assert f'href="#{BOX}.1.name-given"' in html
    assert f'<p class="mg-field__error" id="{BOX}.1.birth-error">＊生年月日を入力してください。</p>' in html
    assert f'id="{BOX}.0.birth-error"' not in html
    assert 'value="太郎"' in html
