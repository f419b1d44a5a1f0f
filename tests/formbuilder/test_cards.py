"""An item that nobody has opened in the editor is sent as it was kept, and means the same as its settings' inputs."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.admin.telepath import JSContext

from demo.load import FORMS
from formbuilder.blocks import body_block
from formbuilder.exporting import export_form
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from tests.formbuilder.drafts import section_of
from tests.formbuilder.editing import inputs, send
from tests.support.cast import Cast, item, make_form, when

STEPS = {
    "申請者": [
        item("yes_no", "多胎"),
        item("number", "人数", condition=when("多胎", "eq", "はい"), sensitive=True),
        item("repeat", "家族", fields=[item("text", "氏名", key="f")]),
        item("rich_text", "説明", html="<p>案内</p>"),
    ]
}


@pytest.fixture
def page(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.publisher)
    return client


def draft(page: FormPage) -> FormPage:
    latest: FormPage = FormPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    return latest


def with_cards(page: FormPage, *, screens: bool = False) -> dict[str, str]:
    """What the browser sends when nobody has opened an item, or come near a screen."""
    sent = inputs(page)
    for number, state in enumerate(page.body.stream_block.get_form_state(page.body)):
        prefix = f"body-{number}-value"
        items = [(prefix, state["value"])] if screens else []
        items += [
            (f"{prefix}-fields-{place}-value", each["value"]) for place, each in enumerate(state["value"]["fields"])
        ]
        for name, value in items:
            sent = {key: given for key, given in sent.items() if not key.startswith(f"{name}-")}
            sent[f"{name}-packed"] = value["packed"]
            if screens:
                break
    return sent


@pytest.mark.parametrize("screens", [False, True])
def test_a_page_of_folded_cards_is_saved_as_it_was(screens: bool, page: FormPage, desk: Client) -> None:
    before = export_form(draft(page))
    assert send(desk, page, with_cards(page, screens=screens)).status_code == 302
    assert export_form(draft(page)) == before


def test_every_form_of_the_demo_means_the_same_in_cards(cast: Cast) -> None:
    block = body_block()
    for path in FORMS.glob("*.json"):
        data = {**json.loads(path.read_text(encoding="utf-8")), "requires": []}
        page = import_form(data, section=section_of(cast.children))
        for child, state in zip(page.body, block.get_form_state(page.body), strict=True):
            read = child.block.value_from_datadict({"x-packed": state["value"]["packed"]}, {}, "x")
            assert child.block.get_prep_value(read) == child.block.get_prep_value(child.value)


def test_what_a_card_keeps_is_made_safe(page: FormPage, desk: Client) -> None:
    sent = with_cards(page)
    name = "body-0-value-fields-3-value-packed"
    sent[name] = sent[name].replace("案内", "<script>alert(1)</script><a href='javascript:x'>案内</a>")
    assert send(desk, page, sent).status_code == 302
    saved = draft(page).body[0].value["fields"][3].value
    assert "script" not in str(dict(saved))


@pytest.mark.parametrize(
    "packed",
    ["", "x", "[]", "null", "1", '"a"', "[" * 9_000, '{"rules": 5}', '{"choices": [1]}', '{"fields": {"a": 1}}'],
)
def test_what_is_no_item_is_refused_and_the_draft_stays(packed: str, page: FormPage, desk: Client) -> None:
    for place in range(4):
        before = export_form(draft(page))
        name = f"body-0-value-fields-{place}-value"
        sent = {key: given for key, given in inputs(page).items() if not key.startswith(f"{name}-")}
        response = send(desk, page, {**sent, f"{name}-packed": packed})
        assert response.status_code in (200, 302, 400)
        if response.status_code == 400:
            assert export_form(draft(page)) == before


def test_what_is_wrong_in_a_folded_card_is_refused_at_its_setting(page: FormPage, desk: Client) -> None:
    sent = with_cards(page)
    name = "body-0-value-fields-1-value-packed"
    sent[name] = json.dumps({**json.loads(sent[name]), "label": "多胎"})
    response = send(desk, page, sent, "publish")
    assert response.status_code == 200
    assert json.dumps("項目名「多胎」が二つあります。").strip('"') in response.content.decode()


def test_the_scripts_of_cards_come_after_those_they_stand_on(desk: Client, page: FormPage) -> None:
    html = desk.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    places = [html.index(name) for name in ("telepath/blocks", "js/editor/form", "js/editor/card", "js/field_picker")]
    assert places[:3] == sorted(places[:3])
    assert places[1] < places[3]


def test_the_editor_is_given_cards(page: FormPage) -> None:
    packed = JSContext().pack(body_block())
    assert "madoguchi.ItemBlock" in json.dumps(packed)
    assert "madoguchi.ScreenBlock" in json.dumps(packed)
