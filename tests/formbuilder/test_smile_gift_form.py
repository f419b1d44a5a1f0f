"""The demo's first procedure asks for what the department's own sheet lists, in its order and under its rules."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from demo.load import FORMS
from formbuilder.fields import FIELD_TYPES
from formbuilder.models import FormPage
from formbuilder.preview import preview_steps
from formbuilder.runtime import CompiledForm
from tests.support.cast import Cast, load_form

TODAY = date(2026, 11, 22)
SHEET = [
    ("はじめに", "doui", "consent", "申請の条件への同意"),
    ("はじめに", "mail", "email", "メールアドレス"),
    ("申請者", "shimei", "full_name", "氏名（漢字）"),
    ("申請者", "kana", "kana_name", "氏名（カナ）"),
    ("申請者", "birth", "date", "生年月日"),
    ("申請者", "jusho", "address", "住所"),
    ("申請者", "tel", "phone", "電話番号"),
    ("妊娠", "todokede", "date", "妊娠届出日"),
    ("妊娠", "yotei", "date", "出産予定日"),
    ("妊娠", "tatai", "yes_no", "双子以上（多胎）ですか"),
    ("妊娠", "kazu", "number", "おなかの赤ちゃんの数"),
    ("妊娠", "techo", "photo", "母子健康手帳の表紙"),
    ("受け取り", "houhou", "choice", "受取方法"),
    ("受け取り", "kouza", "bank_account", "振込先の口座"),
    ("受け取り", "tsucho", "file", "通帳またはキャッシュカードの写し"),
    ("受け取り", "gaku", "computed", "支給額"),
]


@pytest.fixture
def page(cast: Cast) -> FormPage:
    data = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
    return load_form(data, cast.children)


@pytest.fixture
def form(page: FormPage) -> CompiledForm:
    return CompiledForm(page.compile())


def test_the_items_are_those_of_the_sheet(form: CompiledForm) -> None:
    asked = [
        (step.title, field.key, field.type, field.label)
        for step in form.definition.steps
        for field in step.fields
        if FIELD_TYPES[field.type].is_input
    ]
    assert asked == SHEET
    optional = [field.key for field in form.definition.fields() if field.required is not True]
    assert optional == ["jouken", "shigai", "gaku"]  # shown or worked out, never asked


def test_explanations_come_before_what_they_explain(form: CompiledForm) -> None:
    keys = [field.key for field in form.definition.fields()]
    assert keys.index("jouken") < keys.index("doui")
    assert keys.index("jusho") < keys.index("shigai") < keys.index("tel")


def test_the_settings_are_those_of_the_sheet(form: CompiledForm) -> None:
    options: dict[str, Any] = {key: field.definition.options for key, field in form.fields.items()}
    assert options["birth"].items() >= {"min_age": 10, "max_age": 60, "not_future": True}.items()
    assert options["todokede"]["not_future"] is True
    assert options["kazu"].items() >= {"min": "2", "max": "5", "decimals": 0}.items()
    assert options["techo"].items() >= {"min_files": 1, "max_files": 2, "max_mb": 10}.items()
    assert {"image/jpeg", "image/png", "image/heic"} <= set(options["techo"]["accept"])
    assert {"application/pdf", "image/jpeg"} <= set(options["tsucho"]["accept"])
    assert [choice["value"] for choice in options["houhou"]["choices"]] == ["koukin", "shitei"]
    assert form.fields["kouza"].definition.sensitive


@pytest.mark.parametrize(
    ("city", "stopped"),
    [("新潟市中央区", False), ("新潟市", False), ("長岡市", True), ("上越市新潟市", True), ("", False)],
)
def test_only_who_lives_in_the_city_may_apply(city: str, stopped: bool, form: CompiledForm) -> None:
    state = form.state({"jusho": {"city": city}} if city else {}, TODAY)
    assert ("shigai" in state.visible) is stopped


@pytest.mark.parametrize(("twins", "asked"), [(True, True), (False, False), (None, False)])
def test_the_number_is_asked_of_who_expects_more_than_one(twins: bool | None, asked: bool, form: CompiledForm) -> None:
    assert ("kazu" in form.state({} if twins is None else {"tatai": twins}, TODAY).visible) is asked


def test_the_account_is_asked_of_who_names_one(form: CompiledForm) -> None:
    for how, asked in (("shitei", True), ("koukin", False)):
        visible = form.state({"houhou": how}, TODAY).visible
        assert ("kouza" in visible, "tsucho" in visible) == (asked, asked)


@pytest.mark.parametrize(
    ("reported", "due", "message"),
    [
        ("2026-01-10", "2026-01-11", None),
        ("2026-01-10", "2026-11-06", None),  # 300 days
        ("2026-01-10", "2026-11-07", "300日以内"),
        ("2026-01-10", "2026-01-10", "より後の日付"),
        ("2026-01-10", "2025-12-31", "より後の日付"),
    ],
)
def test_the_due_date_follows_the_report(reported: str, due: str, message: str | None, form: CompiledForm) -> None:
    broken = form.state({"todokede": reported, "yotei": due}, TODAY).broken.get("yotei", "")
    assert message in broken if message else broken == ""


def test_the_gift_is_fifty_thousand_yen(form: CompiledForm) -> None:
    state = form.state({}, TODAY)
    assert state.scope["gaku"] == Decimal(50000)
    field = form.fields["gaku"]
    assert field.type.display(field.definition, state.answers["gaku"]) == "50,000円"


def test_its_conditions_read_as_an_editor_would_say_them(page: FormPage) -> None:
    said = dict(pair for step in preview_steps(page.compile(), is_whole=True) for pair in step.conditions)
    assert said["「おなかの赤ちゃんの数」"] == "「多胎」が「はい」のとき"
    assert said["「振込先の口座」"] == "「受取方法」が「口座を指定する」のとき"
