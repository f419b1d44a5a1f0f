"""Files written by hand, or by somebody who means no good: refused in words with the place, or taken without harm."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wagtail.models import Page, Revision

from cms.models import DepartmentPage
from formbuilder.exporting import export_form
from formbuilder.importing import import_form
from formbuilder.models import FormPage, FormVersion
from formbuilder.package import FORMAT, VERSION, PackageRefused, parse_package, read_package
from formbuilder.preview import preview_steps
from tests.support.cast import Cast

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
Change = Callable[[dict[str, Any]], Any]


def good() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "題名", "code": "kotae"},
        "steps": [
            {
                "id": "s1",
                "title": "一",
                "fields": [
                    {"id": "a", "type": "yes_no", "settings": {"label": "多胎"}},
                    {
                        "id": "b",
                        "type": "number",
                        "settings": {
                            "label": "人数",
                            "condition": {"rows": [{"field": "a", "operator": "eq", "value": "はい"}]},
                        },
                    },
                    {"id": "c", "type": "choice", "settings": {"label": "選ぶ", "choices": [{"label": "甲"}]}},
                ],
            },
            {
                "id": "s2",
                "title": "二",
                "fields": [
                    {"id": "d", "type": "text", "settings": {"label": "備考"}},
                    {
                        "id": "e",
                        "type": "repeat",
                        "settings": {
                            "label": "家族",
                            "fields": [{"id": "f", "type": "number", "settings": {"label": "年齢"}}],
                        },
                    },
                ],
            },
        ],
    }


def field(data: dict[str, Any], number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = data["steps"][0]["fields"][number]
    return found


def put(*path: str | int, value: Any) -> Change:
    """Put a value in a place of the file."""

    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for part in path[:-1]:
            target = target[part]
        del target[path[-1]]

    return change


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


SETTINGS = ("steps", 0, "fields", 1, "settings")
ROWS = ("steps", 1, "fields", 1, "settings", "fields")
REFUSED: dict[str, tuple[Change, str]] = {
    "no format": (drop("format"), "申請フォームのファイルではありません"),
    "another format": (put("format", value="excel"), "申請フォームのファイルではありません"),
    "no version": (drop("version"), "ファイルの版（None）に対応していません"),
    "a version of the future": (put("version", value=99), "ファイルの版（99）"),
    "a version that is yes": (put("version", value=True), "ファイルの版（True）"),
    "a version in words": (put("version", value="1"), "ファイルの版（1）"),
    "no form": (drop("form"), "ファイル: 「form」がありません。"),
    "a form that is a list": (put("form", value=[]), "form: { } で囲んだ設定にしてください。"),
    "no title": (drop("form", "title"), "form: 「title」がありません。"),
    "an empty title": (put("form", "title", value=""), "form › title: 空にはできません。"),
    "a title of spaces": (put("form", "title", value="  "), "form › title: "),
    "a long title": (put("form", "title", value="長" * 201), "form › title: 200文字までです。"),
    "a title that is a number": (put("form", "title", value=5), "form › title: 文字にしてください。"),
    "a code with capital letters": (put("form", "code", value="Kotae"), "form › code: "),
    "a code with a line end": (put("form", "code", value="kotae\n"), "form › code: "),
    "a code that leads elsewhere": (put("form", "code", value="../admin"), "form › code: "),
    "minutes in words": (put("form", "minutes", value="五"), "form › minutes: 整数かnullにしてください。"),
    "minutes with a fraction": (put("form", "minutes", value=1.5), "form › minutes: この数は使えません。"),
    "minutes below nothing": (put("form", "minutes", value=-1), "form › minutes: 0以上にしてください。"),
    "days below one": (put("form", "standard_days", value=0), "form › standard_days: 1以上にしてください。"),
    "minutes without end": (put("form", "minutes", value=10**30), "form › minutes: この数は使えません。"),
    "an unknown name": (put("form", "owner", value="x"), "form: 知らない名前「owner」があります。"),
    "an unknown part": (put("macros", value=[]), "ファイル: 知らない名前「macros」があります。"),
    "no steps": (drop("steps"), "ファイル: 「steps」がありません。"),
    "steps that are an object": (put("steps", value={}), "steps: [ ] で囲んだ一覧にしてください。"),
    "a step that is a text": (put("steps", 0, value="x"), "1番目の画面: { } で囲んだ設定にしてください。"),
    "a step without an id": (drop("steps", 1, "id"), "2番目の画面: 「id」がありません。"),
    "a step with an empty id": (put("steps", 1, "id", value=""), "2番目の画面 › id: "),
    "a step title that is too long": (put("steps", 1, "title", value="長" * 61), "2番目の画面 › title: 60文字まで"),
    "an item without an id": (drop("steps", 0, "fields", 1, "id"), "1番目の画面 › 2番目の項目: 「id」がありません。"),
    "an item without settings": (drop(*SETTINGS), "1番目の画面 › 2番目の項目: 「settings」がありません。"),
    "an id with a space": (put("steps", 0, "fields", 1, "id", value="a b"), "2番目の項目 › id: "),
    "an id with a line end": (put("steps", 0, "fields", 1, "id", value="x\n"), "2番目の項目 › id: "),
    "an id used twice": (put("steps", 0, "fields", 1, "id", value="a"), "識別番号「a」が2回使われています。"),
    "a step with the id of an item": (put("steps", 1, "id", value="a"), "識別番号「a」が2回使われています。"),
    "an unknown type": (
        put("steps", 0, "fields", 1, "type", value="fax"),
        "1番目の画面 › 2番目の項目（b）: 種類「fax」はこの窓口にありません。",
    ),
    "a type that is a list": (put("steps", 0, "fields", 1, "type", value=["number"]), "2番目の項目 › type: 文字に"),
    "an unknown setting": (put(*SETTINGS, "colour", value="red"), "（b）: 知らない設定「colour」があります。"),
    "an unknown setting inside": (
        put(*SETTINGS, "condition", "rows", 0, "colour", value="red"),
        "（b） › condition › rows › 1番目: 知らない設定「colour」があります。",
    ),
    "an unknown setting of a step": (put("steps", 1, "colour", value="red"), "2番目の画面: 知らない名前「colour」"),
    "a label that is an object": (put(*SETTINGS, "label", value={"ja": "人数"}), "（b） › label: 文字（"),
    "a switch in words": (put(*SETTINGS, "required", value="false"), "required: true と false のどちらか"),
    "a switch that is nothing": (
        put(*SETTINGS, "required", value=None),
        "required: true と false のどちらか",
    ),
    "a count in words": (put(*SETTINGS, "decimals", value="2"), "（b） › decimals: 整数にしてください。"),
    "a count that is yes": (put(*SETTINGS, "decimals", value=True), "（b） › decimals: 整数にしてください。"),
    "a count beyond its limit": (put(*SETTINGS, "decimals", value=99), "小数点以下の桁数: "),
    "a condition that is a list": (put(*SETTINGS, "condition", value=[]), "（b） › condition: { } で囲んだ設定に"),
    "rows that are an object": (put(*SETTINGS, "condition", "rows", value={}), "condition › rows: [ ] で囲んだ一覧に"),
    "a row that is a text": (put(*SETTINGS, "condition", "rows", value=["a"]), "rows › 1番目: { } で囲んだ設定に"),
    "a comparison that does not exist": (
        put(*SETTINGS, "condition", "rows", 0, "operator", value="~"),
        "1番目の画面 › 項目 › 2番目の数値 › 表示条件 › 条件 › 1番目 › 比べ方: ",
    ),
    "a way of showing that does not exist": (
        put("steps", 0, "fields", 2, "settings", "widget", value="wheel"),
        "1番目の画面 › 項目 › 3番目の一つ選ぶ › 見せ方: ",
    ),
    "a label that is too long": (put(*SETTINGS, "label", value="長" * 201), "2番目の数値 › 見出し（質問）: "),
    "rows that are a text": (put(*ROWS, value="x"), "（e） › fields: [ ] で囲んだ一覧にしてください。"),
    "an item of a row without an id": (drop(*ROWS, 0, "id"), "（e） › 1番目の項目: 「id」がありません。"),
    "an item of a row whose id is a list": (put(*ROWS, 0, "id", value=[]), "（e） › 1番目の項目 › id: 文字に"),
    "an item of a row with the id of another": (put(*ROWS, 0, "id", value="a"), "識別番号「a」が2回使われています。"),
    "an unknown type in a row": (
        put(*ROWS, 0, "type", value="photo"),
        "（e） › 1番目の項目（f）: 種類「photo」はこの窓口にありません。",
    ),
    "an unknown setting in a row": (
        put(*ROWS, 0, "settings", "colour", value="red"),
        "（e） › 1番目の項目（f）: 知らない設定「colour」があります。",
    ),
    "more rows than there may be": (
        put("steps", 1, "fields", 1, "settings", "max", value=21),
        "2番目の繰り返し（人・品目など） › 多くても入力できる数: ",
    ),
    "a text of a million letters": (put("form", "guide", value="長" * 200_000), "form › guide: 100,000文字まで"),
    "a control character": (put(*SETTINGS, "label", value="人\x02数"), "settings › label: 目に見えない文字"),
    "the end of a mark": (put("form", "title", value="題\x03名"), "form › title: 目に見えない文字"),
    "a NUL": (put("steps", 0, "title", value="一\x00"), "1番目の画面 › title: 目に見えない文字"),
    "half a character": (put("form", "summary", value="\ud842"), "form › summary: 目に見えない文字"),
    "a name with a control character": (put(*SETTINGS, "la\x02bel", value="x"), "名前に、目に見えない文字"),
    "brackets within brackets": (put(*SETTINGS, "condition", value=nested(500)), "かっこの重なりが深すぎます。"),
    "too many screens": (lambda data: data.update(steps=data["steps"] * 150), "steps: 200個までです。"),
    "a requirement of a gate that is not here": (
        put("requires", value=[{"id": "r", "type": "fax", "settings": {}}]),
        "1番目の手続（r）: 種類「fax」はこの窓口にありません。",
    ),
    "requirements that are an object": (put("requires", value={}), "requires: [ ] で囲んだ一覧にしてください。"),
}
HARMLESS: dict[str, Change] = {
    "no steps at all": put("steps", value=[]),
    "a script in rich text": put("form", "guide", value="<p>案内</p><script>alert(1)</script>"),
    "a handler in rich text": put(
        "steps", 0, "intro", value='<p onclick="alert(1)">一</p><img src=x onerror=alert(1)>'
    ),
    "a link to a script": put("form", "after", value='<a href="javascript:alert(1)">押す</a>'),
    "html in a label": put(*SETTINGS, "label", value="<script>alert(1)</script>"),
    "a label that is nothing": put(*SETTINGS, "label", value=None),
    "emoji and characters beyond the basic plane": put("form", "title", value="𠮷田さんの申請🎉"),
    "a formula of an item that is not here": put(
        *SETTINGS, "rules", value=[{"formula": "=［いない］>1", "message": "x"}]
    ),
    "a condition on an item that is not here": put(*SETTINGS, "condition", "rows", 0, "field", value="gone"),
    "two items of one name": put(*SETTINGS, "label", value="多胎"),
    "a screen without items": put("steps", 1, "fields", value=[]),
    "no code": drop("form", "code"),
    "a digest that is wrong": put("digest", value="0" * 64),
}


@pytest.fixture
def section(cast: Cast) -> DepartmentPage:
    return DepartmentPage.objects.get(department=cast.children)


def changed(change: Change) -> Any:
    data = good()
    change(data)
    return data


def taken(data: Any, section: DepartmentPage, *, publish: bool = False) -> FormPage:
    """As a file would be: through its bytes."""
    return import_form(parse_package(json.dumps(data).encode()), section=section, publish=publish)


def counts() -> tuple[int, int, int]:
    return Page.objects.count(), Revision.objects.count(), FormVersion.objects.count()


def test_the_file_that_is_changed_below_is_good(section: DepartmentPage) -> None:
    assert taken(good(), section, publish=True).live


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_place_and_nothing_is_left_behind(name: str, section: DepartmentPage) -> None:
    change, message = REFUSED[name]
    data = changed(change)
    taken(good(), section)
    before = counts(), FormPage.objects.get(code="kotae").get_latest_revision().content
    with pytest.raises(PackageRefused) as refused:
        taken(data, section, publish=True)
    assert all(JAPANESE.search(problem) for problem in refused.value.problems)
    assert message in str(refused.value)
    assert (counts(), FormPage.objects.get(code="kotae").get_latest_revision().content) == before


@pytest.mark.parametrize("name", HARMLESS)
def test_it_is_taken_without_harm(name: str, section: DepartmentPage) -> None:
    page = taken(changed(HARMLESS[name]), section)
    exported = json.dumps(export_form(page), ensure_ascii=False)
    html = page.guide + page.after + "".join(str(step.value["intro"]) for step in page.body)
    for bad in ("<script", "onclick", "onerror", "javascript:", "<img"):
        assert bad not in html
    assert taken(json.loads(exported), section).pk == page.pk


def test_html_in_a_label_is_shown_and_not_run(section: DepartmentPage) -> None:
    page = taken(changed(HARMLESS["html in a label"]), section, publish=True)
    [first, _] = preview_steps(page.compile(), is_whole=True)
    assert "<script" not in first.body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in first.body


def test_what_only_a_draft_may_be_is_refused_when_it_is_to_be_published(section: DepartmentPage) -> None:
    for name in ("no steps at all", "a label that is nothing", "two items of one name", "a screen without items"):
        before = counts()
        with pytest.raises(PackageRefused) as refused:
            taken(changed(HARMLESS[name]), section, publish=True)
        assert JAPANESE.search(str(refused.value))
        assert counts() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "JSONとして読めません。1行目の1文字目"),
        (b"\xff\xfe{", "文字コードがUTF-8ではありません"),
        ("題名".encode("cp932"), "文字コードがUTF-8ではありません"),
        (b"PK\x03\x04", "JSONとして読めません"),
        (b'{"format": "madoguchi-form",}', "JSONとして読めません。1行目の"),
        (b"[" * 200_000, "JSONとして読めません"),
        (b'{"a": ' + b"1" * 5000 + b"}", "JSONとして読めません"),
        (b" " * (6 * 1024**2), "ファイルが大きすぎます"),
        (b"null", "申請フォームのファイルではありません"),
        (b"[]", "申請フォームのファイルではありません"),
        (b"NaN", "申請フォームのファイルではありません"),
        (b'"madoguchi-form"', "申請フォームのファイルではありません"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_what_is_no_such_file_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        read_package(parse_package(content))
    assert message in str(refused.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with pytest.raises(PackageRefused):
        read_package(parse_package(content))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into the file."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for part, inner in inside for place in places(inner, (*path, part)))]


@given(st.sampled_from(places(good())[1:]), junk)
@settings(max_examples=300)
def test_anything_in_any_place_is_read_or_refused_in_words(path: tuple[str | int, ...], value: Any) -> None:
    data = deepcopy(good())
    put(*path, value=value)(data)
    try:
        read_package(data)
    except PackageRefused as refused:
        assert refused.problems
        assert all(JAPANESE.search(problem) for problem in refused.problems)
