"""What an approver reads: what a draft would change, in sentences; what it can say to residents; how long it takes."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from formbuilder.changes import changes
from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.estimate import minutes
from formbuilder.fields import FIELD_TYPES
from formbuilder.messages import messages_of
from formbuilder.models import FormPage
from tests.formbuilder.editing import inputs
from tests.support.cast import Cast, current_version, item, make_form, when

CHOICES = [{"label": "口座", "code": "k"}, {"label": "窓口", "code": "m"}]


def form(cast: Cast, *more: dict[str, Any], code: str = "a", title: str = "ギフト") -> FormDefinition:
    steps = {"申請者": [item("yes_no", "多胎"), item("choice", "受取", choices=CHOICES)], "内容": list(more)}
    return current_version(make_form(cast.children, steps=steps, code=code, title=title)).engine.definition


def changed(definition: FormDefinition, name: str, **settings: Any) -> FormDefinition:
    def item_of(field: FieldDef) -> FieldDef:
        return replace(field, **settings) if field.name == name else field

    steps = tuple(replace(step, fields=tuple(map(item_of, step.fields))) for step in definition.steps)
    return replace(definition, steps=steps)


def sentences(old: FormDefinition, new: FormDefinition) -> list[str]:
    return [change.sentence for change in changes(old, new)]


def test_the_same_form_has_no_differences(cast: Cast) -> None:
    assert sentences(form(cast, item("text", "備考")), form(cast, item("text", "備考"))) == []


def test_each_difference_is_a_sentence(cast: Cast) -> None:
    note = item("text", "備考", help="短く")
    old = form(cast, note, code="one")
    moved = [{**note, "settings": {**note["settings"], "required": False, "condition": when("多胎", "eq", "はい")}}]
    new = form(cast, *moved, item("date", "希望日"), code="two", title="応援ギフト")
    assert sentences(old, new) == [
        "手続の名前を「ギフト」から「応援ギフト」に変更",
        "項目「備考」を任意に変更",
        "項目「備考」の表示条件を「いつも表示」から「「多胎」が「はい」のときに表示」に変更",
        "項目「希望日」（日付）を画面「内容」に追加",
    ]
    assert sentences(new, old)[-1] == "項目「希望日」（日付）を削除"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"label": "対象"}, "項目「多胎」の見出しを「対象」に変更"),
        ({"sensitive": True}, "項目「多胎」を機微な情報に変更"),
        ({"help": "説明"}, "項目「多胎」の説明を変更"),
        ({"type": "text"}, "項目「多胎」の種類を「はい・いいえ」から「文字（1行）」に変更"),
    ],
)
def test_a_setting_of_an_item(settings: dict[str, Any], sentence: str, cast: Cast) -> None:
    old = form(cast, item("text", "備考"))
    assert sentence in sentences(old, changed(old, "多胎", **settings))


def test_choices_are_told_one_by_one(cast: Cast) -> None:
    old = form(cast, item("text", "備考"))
    choices = [{"value": "k", "label": "銀行口座"}, {"value": "y", "label": "郵送"}]
    options = next(each.options for each in old.fields() if each.name == "受取")
    assert sentences(old, changed(old, "受取", options={**options, "choices": choices})) == [
        "項目「受取」に選択肢「郵送」を追加",
        "項目「受取」の選択肢「窓口」を削除",
        "項目「受取」の選択肢「口座」を「銀行口座」に変更",
    ]


def test_what_is_secret_is_kept_out_of_nothing_that_is_told(cast: Cast) -> None:
    old = form(cast, item("text", "備考"))
    new = replace(old, requires={"payment": {"amount": 300}}, steps=tuple(reversed(old.steps)))
    assert sentences(old, new) == ["本人確認・予約・支払いなどの手続の設定を変更", "画面の順番を変更"]


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_every_type_has_messages_and_none_of_them_fails(name: str) -> None:
    type_ = FIELD_TYPES[name]
    field = FieldDef("k", name, "項目", "項目", required=True)
    if type_.is_input and type_.is_asked:
        assert type_.missing_message(field) in messages_of(field)
    else:
        assert messages_of(field) == []


def test_a_longer_form_takes_longer(cast: Cast) -> None:
    short = form(cast, item("text", "備考"), code="short")
    long = form(cast, *[item("textarea", f"質問{number}") for number in range(10)], code="long")
    assert 1 <= minutes(short) < minutes(long) < 20


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("form", "入力にかかる時間の目安は、およそ1分です"),
        ("messages", "メモを入力してください。"),
        ("changes", "項目「備考」の見出しを「メモ」に変更"),
    ],
)
def test_the_preview_shows_unsaved_changes(mode: str, words: str, cast: Cast, client: Client) -> None:
    steps = {"申請者": [item("yes_no", "多胎"), item("text", "備考")]}
    page = FormPage.objects.get(pk=make_form(cast.children, steps=steps).pk)
    client.force_login(cast.publisher)
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    client.post(address, {**inputs(page), "body-0-value-fields-1-value-label": "メモ"})
    assert words in client.get(address, {"mode": mode}).content.decode()
