"""A resident fills in a group of rows (繰り返し), without a script."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


# --- one row more, one row less


def follow(resident: Resident, response: Any) -> str:
    """The page that a button of a row leads back to."""
    assert response.status_code == 302
    return str(resident.client.get(response.headers["Location"]).content.decode())


def boxes_named(html: str, key: str) -> list[str]:
    """The rows, by their numbers, that have a box of that name; the one in the template is none."""
    return re.findall(rf'name="{re.escape(BOX)}\.([0-9]+)\.{re.escape(key)}"', html)


def test_a_group_begins_without_a_row_where_none_is_needed(resident: Resident) -> None:
    html = resident.get("2").content.decode()

    assert boxes_named(html, "which") == []
    assert "ご家族を追加する" in html
    assert leads_to(send(resident)) == "check"
    assert "家族" not in resident.answers


def test_a_row_is_added_and_what_was_typed_stays_whatever_is_wrong_with_it(resident: Resident) -> None:
    response = send(resident, row(0, **TARO), row(1, name="見本", luggage="9"), add=GROUP)

    assert response.headers["Location"] == f"/apply/gift/2/?rows={GROUP}:3#{BOX}.2"
    html = follow(resident, response)
    assert boxes_named(html, "which") == ["0", "1", "2"]
    assert 'value="太郎"' in html
    assert f'name="{BOX}.1.luggage" value="9"' in html
    assert "mg-errors" not in html


def test_an_empty_row_can_be_added_to_an_empty_row(resident: Resident) -> None:
    response = send(resident, row(0), add=GROUP)

    assert boxes_named(follow(resident, response), "which") == ["0", "1"]
    assert "家族" not in resident.answers


def test_the_last_row_leaves_no_button_to_add_one(resident: Resident) -> None:
    html = follow(resident, send(resident, row(0, **TARO), row(1, **JIRO), add=GROUP))
    assert boxes_named(html, "which") == ["0", "1", "2"]
    assert '<div class="mg-rows__add" hidden' in html

    html = follow(resident, send(resident, row(0, **TARO), row(1, **JIRO), row(2), add=GROUP))
    assert boxes_named(html, "which") == ["0", "1", "2"]


def test_a_row_is_removed_and_the_others_stay(resident: Resident) -> None:
    send(resident, row(0, **TARO), row(1, **JIRO))
    response = send(resident, row(0, **TARO), row(1, **JIRO), drop=f"{GROUP}.0")

    assert boxes_named(follow(resident, response), "which") == ["0"]
    assert [each["name"]["given"] for each in resident.answers["家族"]] == ["次郎"]


def test_the_last_row_can_be_removed(resident: Resident) -> None:
    send(resident, row(0, **TARO))
    send(resident, row(0, **TARO), drop=f"{GROUP}.0")

    assert "家族" not in resident.answers


def test_who_came_from_the_check_page_goes_back_to_it_after_adding_a_row(resident: Resident) -> None:
    response = send(resident, row(0, **TARO), add=GROUP, **{"return": "check"})

    assert f"?return=check&rows={GROUP}:2" in response.headers["Location"]
    assert '<input type="hidden" name="return" value="check">' in follow(resident, response)


@pytest.mark.parametrize("asked", ["x", "x:1", f"{GROUP}:", f"{GROUP}:-1", f"{GROUP}:999999", f"{GROUP}:100", "備考:3"])
def test_an_address_that_asks_for_rows_never_gets_more_than_there_may_be(resident: Resident, asked: str) -> None:
    response = resident.client.get("/apply/gift/2/", {"rows": asked})

    assert response.status_code == 200
    assert len(boxes_named(response.content.decode(), "which")) <= 3


@pytest.mark.parametrize("button", ["add", "drop", "lookup"])
@pytest.mark.parametrize("value", ["x", "", GROUP, f"{GROUP}.", f"{GROUP}.7", f"{GROUP}.0.x", "..", f"{GROUP}.0.name"])
def test_a_button_that_is_not_there_does_no_harm(resident: Resident, button: str, value: str) -> None:
    response = send(resident, row(0, **TARO), **{button: value})

    assert response.status_code in (200, 302)
    assert resident.answers["家族"][0]["birth"] == "2015-04-01"


# --- what no page of ours sends


def test_more_rows_than_there_may_be_are_refused_in_words_and_kept(resident: Resident) -> None:
    rows = [row(number, **TARO, luggage=str(number)) for number in range(4)]
    response = send(resident, *rows)

    assert errors_of(response) == ["ご家族は3人までです（今は4人です）。いらないものを削除してください。"]
    assert len(boxes_named(response.content.decode(), "which")) == 4
    assert len(resident.unfinished["家族"]) == 4
    assert leads_to(send(resident, *rows[1:])) == "check"


def test_ten_thousand_rows_get_an_answer(resident: Resident) -> None:
    response = resident.post("2", {BOX: [str(number) for number in range(10_000)], "whole": "1", **row(7, **TARO)})

    assert response.status_code in (200, 302)
    assert len(resident.answers["家族"]) == 1


@pytest.mark.parametrize("number", ["1000000000", "-1", "x", "0.name", "٣", "", "\x00"])
def test_a_row_without_a_proper_number_is_none(resident: Resident, number: str) -> None:
    send(resident, {f"{BOX}.{number}.which": "x", **row(number, **TARO)}, row(1, **JIRO))

    assert [each["name"]["given"] for each in resident.answers["家族"]] == ["次郎"]


def test_rows_may_have_holes_and_come_twice(resident: Resident) -> None:
    data = {BOX: ["5", "2", "5"], "whole": "1", **row(2, **TARO), **row(5, **JIRO)}
    resident.post("2", data)

    assert [each["name"]["given"] for each in resident.answers["家族"]] == ["次郎", "太郎"]


def test_nothing_is_kept_that_is_not_in_the_form_or_not_shown(resident: Resident) -> None:
    stray = {f"{BOX}.0.unknown": "x", f"{BOX}.0.age": "99", f"{BOX}.0.which": "隠れた説明"}
    send(resident, row(0, **TARO) | stray)

    assert resident.answers["家族"][0].keys() == {"name", "birth", "kin", "age"}
    assert resident.answers["家族"][0]["age"] == "11"


def test_a_mistake_in_what_a_row_does_not_show_is_no_mistake(resident: Resident) -> None:
    """また、長すぎる説明は、説明が要らない続柄では問われない。"""
    response = send(resident, row(0, **TARO, which="長" * 30_000))

    assert leads_to(response) == "check"
    assert "which" not in resident.answers["家族"][0]


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "<b>", "𠮷"]
)
def test_any_text_in_a_row_gets_an_answer(resident: Resident, text: str) -> None:
    response = send(resident, row(0, name=f"{text} {text}", kin=text, luggage=text, birth=f"{text}-{text}-{text}"))

    assert response.status_code == 200
    assert "<b>＊" not in response.content.decode()
    assert resident.get("2").status_code == 200
    assert "\x00" not in json.dumps(resident.unfinished, ensure_ascii=False)


def test_a_page_that_broke_off_changes_no_row(resident: Resident) -> None:
    send(resident, row(0, **TARO), row(1, **JIRO))
    resident.post("2", {BOX: ["0"], **row(0, **TARO)})

    assert len(resident.answers["家族"]) == 2


def test_an_answer_outside_hides_the_whole_group(resident: Resident) -> None:
    send(resident, row(0, **TARO))
    resident.fill("1", {"氏名": {"family": "見本", "given": "花子"}, "家族と受ける": False})

    assert "見本 太郎" not in text_of(resident.get("check"))
    resident.declare()
    assert "家族" not in resident.answers


# --- versions


def test_what_a_newer_version_still_has_of_a_row_comes_along(resident: Resident, cast: Cast) -> None:
    send(resident, row(0, **TARO), row(1, **{**JIRO, "birth": "x-x-x"}))
    changed = [each for each in ROW if each["id"] not in ("birth", "which", "age")]
    changed = [item("text", "続柄", key="kin") if each["id"] == "kin" else each for each in changed]
    make_form(cast.children, steps={**STEPS, "家族": [item("repeat", "家族", required=False, fields=changed)]})
    resident.post("2", {"action": "update", "whole": "1", BOX: ["0"], **row(0, **TARO)})

    assert resident.answers["家族"] == [{"name": {"family": "見本", "given": "太郎"}}]
    assert resident.get("2").status_code == 200


# --- addresses in a row


@pytest.fixture
def mover(cast: Cast) -> Resident:
    fields = [item("text", "品名", key="what"), item("address", "引取場所", key="where", required=False)]
    group = item("repeat", "家族", word="荷物", counter="点", max=3, fields=fields)
    return Resident(make_form(cast.children, steps={"荷物": [group]}))


def lot(number: int, **boxes: str) -> dict[str, str]:
    return {f"{BOX}.{number}.{name}": text for name, text in boxes.items()}


def test_an_address_of_a_row_is_looked_up_by_its_postcode(mover: Resident) -> None:
    data = {BOX: ["0", "3"], "whole": "1", **lot(0, what="机"), **lot(3, **{"where-postcode": "9518550"})}
    response = mover.post("1", {**data, "lookup": f"{GROUP}.3.where"})

    assert response.headers["Location"].endswith(f"#{BOX}.1.where-town")
    assert "新潟市中央区" in follow(mover, response)


def test_a_postcode_of_a_row_that_is_not_found_is_told_at_its_box(mover: Resident) -> None:
    data = {BOX: ["0", "3"], "whole": "1", **lot(0, what="机"), **lot(3, **{"where-postcode": ""})}
    response = mover.post("1", {**data, "lookup": f"{GROUP}.3.where"})

    assert errors_of(response) == ["2点目の郵便番号を入力してください。"]
    assert f'href="#{BOX}.1.where-postcode"' in response.content.decode()


def test_a_page_with_rows_asks_the_database_no_more_than_any_other(resident: Resident) -> None:
    send(resident, row(0, **TARO), row(1, **JIRO))
    resident.get("2")
    with CaptureQueriesContext(connection) as context:
        resident.get("2")

    assert len(context.captured_queries) <= 4
    assert not any("formversion" in query["sql"] and "document" in query["sql"] for query in context.captured_queries)
