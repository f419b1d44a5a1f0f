"""Anything may stand in a box: the page answers, the draft stays readable, and nobody's name is bent."""

import html
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.answers import opened, opened_unfinished
from applications.models import Application
from exports.columns import layout_of
from exports.rows import rows_of
from formbuilder.engine import Engine
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from formbuilder.models import FormPage
from formbuilder.steps import MOST_TICKS, input_id
from tests.applications.residents import ELSEWHERE, Resident, errors_of, leads_to, text_of, value_of
from tests.support.cast import Cast, current_version, item, key_of, make_form, when

URLENCODED = "application/x-www-form-urlencoded"
NAMES = ["𠮷田", "髙﨑", "渡邉󠄀", "神(U+FA19)", "ｶﾅ", "O'Brien", "van der Berg", "Å", "ﾟ"]
NASTY = [
    "\x00",
    "a\x00b",
    "\ufffe\uffff",
    "\u202eabc\u202c",
    "\u200b\u2060\ufeff",
    "\r\n\r\n",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% now 'Y' %}",
    '\x02["k", "value", ""]\x03',
    "'; DROP TABLE applications_application; --",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "%s%n{0}{__class__}",
    "👨‍👩‍👧‍👦" * 200,
    "𠮷" * 10_000,
    "あ" * 10_000,
    "9" * 10_000,
    "１" * 10_000,
    "-" * 10_000,
    "@" * 10_000,
    " " * 10_000,
    "e\u0301" * 5_000,
    "\u0301" * 10_000,
    "٣٤٥",
    "1e309",
    "NaN",
    "Infinity",
    "0x10",
    "null",
    "[]",
    "yes" * 3000,
    "令和元年",
    "9999999999999999999999",
]


ROWS = input_id(key_of("repeat"))  # the box that says which rows there are


def every_type(cast: Cast) -> FormPage:
    """A form with every type there is, and one that is shown by another."""
    extra: dict[str, dict[str, Any]] = {
        "choice": {"choices": [{"label": "一"}, {"label": "二"}]},
        "choices": {"choices": [{"label": "一"}, {"label": "二"}]},
        "computed": {"formula": "=［number］*2"},
        "age": {"birthday": "date"},
        "page_link": {"url": "https://www.example.jp/"},
        "repeat": {"fields": [item("text", "内側"), item("number", "数", required=False)]},
        "rich_text": {"html": "<p>説明</p>"},
        "stop": {"message": "<p>対象外</p>", "condition": when("text", "eq", "対象外")},
    }
    alone = [name for name, type_ in FIELD_TYPES.items() if not type_.needs]  # the others stand for a gate
    items = [item(name, name, **extra.get(name, {})) for name in alone]
    hidden = item("text", "隠れた項目", condition=when("yes_no", "eq", "はい"))
    return make_form(cast.children, steps={"すべて": [*items, hidden]})


def box_names(engine: Engine) -> list[str]:
    asked = [field for field in engine.fields.values() if field.type.is_input]
    inside = [f"{ROWS}.0.{key_of(name)}" for name in ("内側", "数")]
    return [*inside, *(name for field in asked for name in names_of(field.type, input_id(field.key)))]


def names_of(type_: FieldType, base: str) -> list[str]:
    return [f"{base}-{part}" for part in type_.parts] if type_.parts else [base]


@pytest.fixture
def resident(cast: Cast) -> Resident:
    return Resident(every_type(cast))


def is_readable(resident: Resident) -> None:
    """The draft and every page of it can be shown, and the database holds nothing that JSON does not."""
    draft = resident.draft
    json.dumps([opened(draft), opened_unfinished(draft)]).encode()
    page = resident.get("1")
    assert page.status_code == 200
    assert "\x00" not in page.content.decode()
    assert resident.get("check").status_code in (200, 302)
    assert resident.get().status_code == 302


def test_the_same_text_in_every_box_gets_an_answer(resident: Resident) -> None:
    names = box_names(resident.engine)
    for text in NASTY:
        response = resident.post("1", {**dict.fromkeys(names, text), ROWS: "0", "whole": "1"})
        assert response.status_code == 200, text[:40]
        assert errors_of(response), text[:40]
        assert "<script>alert" not in response.content.decode()
        assert "<img src=x" not in response.content.decode()
        is_readable(resident)


boxes = st.text(max_size=60) | st.sampled_from(NASTY) | st.lists(st.text(max_size=10), max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_anything_in_any_box_gets_an_answer_and_leaves_the_draft_readable(resident: Resident, data: Any) -> None:
    names = box_names(resident.engine)
    posted = data.draw(st.dictionaries(st.sampled_from(names), boxes, max_size=len(names)))
    buttons = st.sampled_from(["next", "back", "goto:1", "update", "", "\x00"])
    posted |= {"action": data.draw(buttons), **data.draw(st.sampled_from([{}, {"whole": "1"}]))}
    response = resident.client.generic("POST", resident.url("1"), sendable(posted), content_type=URLENCODED)
    assert response.status_code in (200, 302)
    is_readable(resident)


def sendable(posted: dict[str, Any]) -> str:
    """Lone surrogates cannot be written as UTF-8: a hostile client sends the bytes that they would be."""

    def raw(text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    values = {
        name: [raw(each) for each in value] if isinstance(value, list) else raw(value) for name, value in posted.items()
    }
    return urlencode(values, doseq=True)


def test_a_name_is_kept_as_it_is_written(cast: Cast) -> None:
    form = make_form(cast.children, steps={"一": [item("full_name", "氏名")]})
    for name in NAMES:
        resident = Resident(form, Client())
        assert leads_to(resident.fill("1", {"氏名": {"family": name, "given": "花子"}})) == "check", name
        assert resident.answers["氏名"]["family"] == name
        assert name in html.unescape(resident.get("check").content.decode())
        resident.declare()
        assert resident.draft.applicant == f"{name} 花子"


def test_an_emoji_in_a_name_is_told_and_kept_in_the_box(cast: Cast) -> None:
    resident = Resident(make_form(cast.children, steps={"一": [item("full_name", "氏名")]}))
    page = resident.fill("1", {"氏名": {"family": "見本", "given": "花子🌸"}})
    assert errors_of(page) == ["名に絵文字や記号は使えません。文字だけで入力してください。"]
    assert value_of(page, f"f-{key_of('氏名')}-given") == "花子🌸"
    assert value_of(resident.get("1"), f"f-{key_of('氏名')}-given") == "花子🌸"


def test_ten_thousand_characters_are_kept_in_the_box_and_the_limit_is_told(cast: Cast) -> None:
    steps = {"一": [item("text", "一行"), item("textarea", "文章"), item("textarea", "長文", max_length=10_000)]}
    resident = Resident(make_form(cast.children, steps=steps))
    long = "あいうえお" * 2000
    page = resident.fill("1", {"一行": long, "文章": long, "長文": long})
    assert errors_of(page) == [
        "一行は200文字以内で入力してください（今は10000文字です）。",
        "文章は2000文字以内で入力してください（今は10000文字です）。",
    ]
    assert value_of(resident.get("1"), f"f-{key_of('一行')}") == long
    assert resident.get("1").content.decode().count(long) == 3
    assert resident.answers == {"長文": long}


def test_an_answer_for_an_item_that_is_not_shown_is_not_kept_however_it_is_sent(resident: Resident) -> None:
    resident.fill("1", {"yes_no": False, "隠れた項目": "見えない"})
    assert "隠れた項目" not in resident.answers
    assert "隠れた項目" not in resident.unfinished
    resident.fill("1", {"yes_no": True, "隠れた項目": "見える"})
    assert resident.answers["隠れた項目"] == "見える"
    resident.fill("1", {"yes_no": False, "隠れた項目": "x" * 10_000})
    assert "隠れた項目" not in resident.answers
    assert "隠れた項目" not in resident.unfinished


def test_an_option_that_is_not_offered_is_refused(resident: Resident) -> None:
    page = resident.post("1", {f"f-{key_of('choice')}": "三", f"f-{key_of('choices')}": ["一", "三"], "whole": "1"})
    assert sum("示された選択肢の中から" in line for line in errors_of(page)) == 2
    assert "choice" not in resident.answers


def test_markup_of_a_resident_is_shown_as_text_everywhere(cast: Cast) -> None:
    resident = Resident(make_form(cast.children, steps={"一": [item("text", "備考"), item("textarea", "文章")]}))
    evil = "<b>\"'&</b>{{ 1 }}"
    resident.fill("1", {"備考": evil, "文章": f"{evil}\n{evil}"})
    for place in ("1", "check"):
        content = resident.get(place).content.decode()
        assert "<b>" not in content
        assert "&lt;b&gt;" in content
    resident.declare()
    version = current_version(resident.form)
    (row,) = rows_of(Application.objects.all(), layout_of([version]), [version])
    assert evil in row


def test_a_stop_can_not_be_passed_by_leaving_the_item_out(cast: Cast) -> None:
    elsewhere = {"rows": [{"field": f"{key_of('住所')}.city", "operator": "eq", "value": "長岡市"}]}
    stop = item("stop", "対象外です", message="<p>対象外</p>", condition=elsewhere)
    steps = {"一": [item("address", "住所"), stop], "二": [item("text", "備考", required=False)]}
    resident = Resident(make_form(cast.children, steps=steps), Client())
    assert leads_to(resident.fill("1", {"住所": ELSEWHERE})) == "stop"
    assert leads_to(resident.post("2", {"whole": "1"})) == resident.code
    assert leads_to(resident.declare()) == resident.code
    assert errors_of(resident.post("1", {"action": "goto:2"})) == ["住所を入力してください。"]
    assert leads_to(resident.get()) == "stop"
    assert leads_to(resident.declare()) == resident.code
    assert resident.draft.status == "draft"
    assert "対象外" in text_of(resident.get("stop"))


def test_of_ten_thousand_ticks_of_one_item_few_are_remembered(cast: Cast) -> None:
    colours = [{"label": "赤", "code": "red"}]
    resident = Resident(make_form(cast.children, steps={"一": [item("choices", "色", choices=colours)]}))
    assert resident.fill("1", {"色": ["mauve"] * 10_000}).status_code == 200
    (remembered,) = opened_unfinished(resident.draft).values()
    assert len(remembered) == MOST_TICKS
