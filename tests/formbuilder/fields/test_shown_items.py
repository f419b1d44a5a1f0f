import pytest

from formbuilder.fields.shown import HeadingType, RichTextType, StopType
from tests.formbuilder.fields.making import html_of, item, problems_of, type_of

CONDITION = {"rows": [{"field": "jusho.city", "operator": "not_starts_with", "value": "新潟市"}]}


@pytest.mark.parametrize("name", ["heading", "rich_text", "stop"])
def test_an_item_that_is_shown_has_no_answer(name: str) -> None:
    field = item(name)
    type_ = type_of(field)

    assert type_.normalise(field, "何か") is None
    assert type_.headers(field) == type_.cells(field, None) == []
    assert type_.scalars(field, None) == {}
    assert {"required", "rules", "name", "sensitive"}.isdisjoint(type_.block().child_blocks)


def test_a_heading_has_one_of_two_sizes() -> None:
    assert "<h2" in html_of(item("heading", "申請者のこと"))
    assert "<h3" in html_of(item("heading", "申請者のこと", level="3"))
    assert item("heading", level="3").options == {"level": 3}


def test_a_text_keeps_the_html_that_wagtail_keeps() -> None:
    html = '<p>くわしくは<a href="https://example.jp/">案内</a>へ。</p>'
    field = item("rich_text", html=html)

    assert field.options == {"html": html}
    assert html in html_of(field)
    assert RichTextType().template_context(field) == {"html": html}


def test_a_stop_needs_a_condition() -> None:
    assert problems_of("stop") == ["対象外になる条件がありません。「表示条件」に条件を足してください。"]
    assert problems_of("stop", condition=CONDITION) == []


def test_a_stop_says_why() -> None:
    field = item("stop", "対象外です", message="<p>市内の方が対象です。</p>")

    assert field.options == {"title": "対象外です", "message": "<p>市内の方が対象です。</p>"}
    assert StopType().template_context(field) == {"message": "<p>市内の方が対象です。</p>"}
    html = html_of(field, hidden=True)
    assert "対象外です" in html
    assert "hidden" in html


def test_the_editor_opens_the_condition_of_a_stop() -> None:
    stop, heading = (type_.block().child_blocks["condition"] for type_ in (StopType(), HeadingType()))

    assert stop.label == heading.label == "表示条件"
    assert (stop.meta.collapsed, heading.meta.collapsed) == (False, True)
