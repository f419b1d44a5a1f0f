"""The page editor: a draft may be broken, publishing says what is wrong where it is wrong, nothing typed is lost."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.blocks.base import get_error_json_data
from wagtail.models import Page

from cms.models import DepartmentPage
from formbuilder.admin_form import placed
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.exporting import export_form
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from tests.formbuilder.editing import inputs, send
from tests.support.cast import Cast, item, load_form, when

ONE = "body-0-value"


@pytest.fixture
def page(cast: Cast) -> FormPage:
    data = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "答えの用紙", "code": "kotae", "guide": "<p>案内</p>", "after": "<p>あと</p>"},
        "steps": [
            {
                "id": "s1",
                "title": "一",
                "fields": [
                    item("yes_no", "多胎", key="a"),
                    item("number", "人数", key="b", condition=when("備考", "not_blank")),
                    item(
                        "choice", "受取", key="c", choices=[{"label": "甲", "code": ""}, {"label": "乙", "code": "z"}]
                    ),
                    item("text", "備考", rules=[{"formula": "=文字数(［備考］)<9", "message": "短く書いてください。"}]),
                ],
            },
            {"id": "s2", "title": "二", "fields": [item("computed", "金額", key="e", formula="=［人数］*2")]},
        ],
    }
    return load_form(data, cast.children)


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.publisher)
    return client


def again(page: FormPage) -> FormPage:
    return FormPage.objects.get(pk=page.pk)


def draft(page: FormPage) -> FormPage:
    latest: FormPage = again(page).get_latest_revision_as_object()
    return latest


# --- saving


def test_saving_an_untouched_page_changes_nothing(page: FormPage, desk: Client) -> None:
    before = export_form(draft(page))
    assert send(desk, page, inputs(page)).status_code == 302
    assert export_form(draft(page)) == before
    send(desk, page, inputs(page), "publish")
    assert again(page).versions.get().number == 1


BROKEN = {
    "a formula of an unknown item": {"body-1-value-fields-0-value-formula": "=［いない］*2"},
    "two items of one name": {f"{ONE}-fields-3-value-label": "多胎"},
    "a condition on a later screen": {f"{ONE}-fields-1-value-condition-rows-0-value-field": "e"},
    "no label": {f"{ONE}-fields-0-value-label": ""},
    "no title of a screen": {f"{ONE}-title": ""},
    "no limit": {f"{ONE}-fields-3-value-max_length": ""},
    "an empty condition": {f"{ONE}-fields-1-value-condition-rows-0-value-field": ""},
    "an empty choice": {f"{ONE}-fields-2-value-choices-0-value-label": ""},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_form_is_saved_as_a_draft_and_can_be_previewed(name: str, page: FormPage, desk: Client) -> None:
    live = export_form(again(page))
    assert send(desk, page, {**inputs(page), **BROKEN[name]}).status_code == 302
    edited = inputs(draft(page))
    assert {key: edited[key] for key in BROKEN[name]} == BROKEN[name]
    assert export_form(again(page)) == live
    assert desk.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert "公開する前に、" in preview(desk, page, {**inputs(page), **BROKEN[name]})


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("action", ["publish", "submit"])
def test_a_broken_form_is_not_published_and_nothing_typed_is_lost(
    action: str, name: str, page: FormPage, desk: Client, cast: Cast
) -> None:
    if action == "submit":
        desk.force_login(cast.editor)
    revisions = page.revisions.count()
    typed = {**inputs(page), **BROKEN[name], f"{ONE}-fields-3-value-help": "書きかけの説明"}
    response = send(desk, page, typed, action)
    html = response.content.decode()
    assert response.status_code == 200
    assert page.revisions.count() == revisions
    assert json.dumps("書きかけの説明").strip('"') in html or "書きかけの説明" in html
    for value in BROKEN[name].values():
        assert json.dumps(value).strip('"') in html or value in html


def errors(body: Any) -> dict[str, Any]:
    """Where `placed` puts the problems of a form: field name -> the JSON that Wagtail's script draws."""
    with pytest.raises(CompileErrors) as refused:
        compile_form(title="題名", body=body)
    return {name: get_error_json_data(error) for name, error in placed(refused.value.problems, body, None)}


def test_each_problem_stands_at_its_setting(page: FormPage) -> None:
    body = page.body
    first, second = (step.value["fields"] for step in body)
    first[1].value["condition"]["rows"][0]["value"] = "x"
    first[1].value["condition"]["rows"][0]["operator"] = "gt"
    first[3].value["rules"][0]["formula"] = "=1"
    first[3].value["name"] = "多胎"
    second[0].value["formula"] = "=［いない］"
    second[0].value["label"] = "人数"
    body[1].value["title"] = "\x02"
    found = errors(body)["body"]["blockErrors"]
    items = found[0]["blockErrors"]["fields"]["blockErrors"]
    assert set(items) == {1, 3}
    assert "表示条件" in items[1]["blockErrors"]["condition"]["messages"][0]
    assert "項目名「多胎」が二つあります" in items[3]["blockErrors"]["name"]["messages"][0]
    rule = items[3]["blockErrors"]["rules"]["blockErrors"][0]["blockErrors"]["formula"]["messages"]
    assert rule == ["式の結果がはい・いいえになりません。"]
    other = found[1]["blockErrors"]["fields"]["blockErrors"][0]["blockErrors"]
    assert "「いない」という項目がありません" in other["formula"]["messages"][0]
    assert "項目名「人数」が二つあります" in other["name"]["messages"][0]


def test_what_blames_no_setting_stands_at_the_label_or_the_title(page: FormPage) -> None:
    del page.body[1].value["fields"][0]
    page.body[0].value["fields"][2].value["choices"] = []
    found = errors(page.body)["body"]["blockErrors"]
    assert "項目がありません" in found[1]["blockErrors"]["title"]["messages"][0]
    choice = found[0]["blockErrors"]["fields"]["blockErrors"][2]["blockErrors"]
    assert "選択肢がありません" in " ".join(choice["label"]["messages"])


def test_what_no_block_is_to_blame_for_stands_above_the_blocks(page: FormPage) -> None:
    while page.body:
        del page.body[0]
    assert errors(page.body)["body"]["messages"] == ["画面が一つもありません。画面を足してください。"]


# --- a new page


def create(desk: Client, cast: Cast, data: dict[str, str]) -> Any:
    parent = DepartmentPage.objects.get(department=cast.children)
    return desk.post(reverse("wagtailadmin_pages:add", args=["formbuilder", "formpage", parent.pk]), data)


def test_a_new_form_begins_with_an_empty_screen(desk: Client, cast: Cast) -> None:
    [step] = FormPage().body
    assert (step.block_type, step.value["title"], len(step.value["fields"])) == ("step", None, 0)
    assert step.id
    parent = DepartmentPage.objects.get(department=cast.children)
    page = desk.get(reverse("wagtailadmin_pages:add", args=["formbuilder", "formpage", parent.pk]))
    assert page.status_code == 200


def test_a_new_form_needs_no_more_than_a_name_and_gets_an_address(desk: Client, cast: Cast) -> None:
    blank = FormPage(title="新しい手続")
    assert create(desk, cast, inputs(blank)).status_code == 302
    page = FormPage.objects.get(title="新しい手続")
    assert re.fullmatch("[a-z2-9]{8}", page.code)
    assert page.slug == page.code
    assert not page.live


def test_a_neighbour_may_have_taken_the_address(desk: Client, cast: Cast, page: FormPage) -> None:
    Page.objects.filter(pk=page.pk).update(slug="juden")
    assert create(desk, cast, {**inputs(FormPage(title="もう一つ")), "code": "juden"}).status_code == 302
    assert FormPage.objects.get(code="juden").slug == "juden-2"


def test_two_forms_cannot_have_one_address(desk: Client, cast: Cast, page: FormPage) -> None:
    response = create(desk, cast, {**inputs(FormPage(title="もう一つ")), "code": "kotae"})
    assert response.status_code == 200
    assert "申請の番地" in response.content.decode()
    assert FormPage.objects.count() == 1


@pytest.mark.parametrize("code", ["Aあ", "a b", "../x", ""])
def test_an_address_that_cannot_be_one_is_refused(code: str, desk: Client, page: FormPage) -> None:
    assert send(desk, page, {**inputs(page), "code": code}).status_code == 200
    assert again(page).code == "kotae"


def test_the_address_of_a_published_form_stays(desk: Client, page: FormPage) -> None:
    response = send(desk, page, {**inputs(page), "code": "another"})
    assert "公開した申請フォームの番地は変えられません。" in response.content.decode()
    assert draft(page).code == "kotae"


def test_the_address_of_a_form_that_was_never_published_may_change(desk: Client, cast: Cast) -> None:
    create(desk, cast, inputs(FormPage(title="新しい手続")))
    new = FormPage.objects.get(title="新しい手続")
    assert send(desk, new, {**inputs(new), "code": "shin"}).status_code == 302
    assert draft(new).code == "shin"


# --- who may


def test_an_editor_may_save_and_hand_in_but_not_publish(page: FormPage, cast: Cast, client: Client) -> None:
    client.force_login(cast.editor)
    changed = {**inputs(page), f"{ONE}-title": "変えた"}
    send(client, page, changed, "publish")
    assert again(page).body[0].value["title"] == "一"
    assert page.versions.get().number == 1


def test_staff_of_another_department_reach_neither_form_nor_preview(page: FormPage, cast: Cast, client: Client) -> None:
    client.force_login(cast.other_officer)
    for name in ("edit", "preview_on_edit", "history", "copy", "delete"):
        response = client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk]))
        assert response.status_code in (302, 403), name


# --- preview


def preview(desk: Client, page: FormPage, data: dict[str, str], mode: str = "form") -> str:
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    told = desk.post(address, data)
    assert told.json()["is_valid"], told.json()
    response = desk.get(address, {"mode": mode})
    assert response.status_code == 200
    return response.content.decode()


def test_the_preview_shows_every_screen_with_every_item(page: FormPage, desk: Client) -> None:
    html = preview(desk, page, inputs(page))
    assert "公開する前に" not in html
    for text in ("全2画面中 1画面目", "全2画面中 2画面目", "多胎", "人数", "受取", "備考", "金額"):
        assert text in html
    assert " hidden" not in html
    assert "「人数」は、「備考」に入力があるときに示します。" in html


def test_the_preview_cannot_be_sent(page: FormPage, desk: Client) -> None:
    assert "<form" not in preview(desk, page, inputs(page))


def test_the_preview_says_conditions_in_the_words_of_the_form(page: FormPage, desk: Client) -> None:
    row = f"{ONE}-fields-1-value-condition-rows-0-value"
    chosen = {f"{row}-field": "c", f"{row}-operator": "eq", f"{row}-value": "z"}
    assert "「人数」は、「受取」が「乙」のときに示します。" in preview(desk, page, {**inputs(page), **chosen})
    asked = {f"{row}-field": "a", f"{row}-operator": "ne", f"{row}-value": "いいえ"}
    assert "「人数」は、「多胎」が「いいえ」でないときに示します。" in preview(desk, page, {**inputs(page), **asked})


def test_the_preview_shows_what_is_calculated_before_anything_is_answered(page: FormPage, desk: Client) -> None:
    html = preview(desk, page, {**inputs(page), "body-1-value-fields-0-value-formula": "=50000"})
    assert "50,000" in html


def test_the_preview_lists_what_keeps_a_form_from_being_published(page: FormPage, desk: Client) -> None:
    html = preview(desk, page, {**inputs(page), f"{ONE}-fields-0-value-yes_label": "", f"{ONE}-title": ""})
    assert "公開する前に、2件を直してください" in html
    assert "「多胎」: 「はい」の文字: 必ず入力してください。" in html
    assert "1番目の画面: 画面の題名: 必ず入力してください。" in html
    assert "備考" in html  # the rest is shown all the same


def test_the_guide_page_can_be_previewed_too(page: FormPage, desk: Client) -> None:
    assert "申請をはじめる" in preview(desk, page, inputs(page), "guide")


def test_a_form_that_was_never_saved_can_be_previewed(desk: Client, cast: Cast) -> None:
    parent = DepartmentPage.objects.get(department=cast.children)
    address = reverse("wagtailadmin_pages:preview_on_add", args=["formbuilder", "formpage", parent.pk])
    desk.post(address, inputs(FormPage(title="新しい手続")))
    for mode in ("form", "guide"):
        assert "新しい手続" in desk.get(address, {"mode": mode}).content.decode()


def test_links_in_explanations_lead_where_they_should(page: FormPage, desk: Client, client: Client) -> None:
    section = page.get_parent()
    link = f'<p><a linktype="page" id="{section.pk}">課のページ</a></p>'
    page.body[0].value["intro"].source = link
    page.after = link
    page.save_revision().publish()
    wanted = f'href="{section.get_url()}"'
    assert wanted in preview(desk, page, inputs(page))
    assert wanted in client.get("/apply/kotae/1/").content.decode()
    assert link in again(page).compile().steps[0].intro  # kept as a number: the page may move
