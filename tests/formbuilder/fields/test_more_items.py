"""Times, spans of days, lines of a certain form, scales, and the settings that items share."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from formbuilder.blocks import body_block
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.expressions.nodes import Call, FieldRef, Value
from formbuilder.fields.base import FieldRefused
from formbuilder.fields.lines import corporate_check_digit
from formbuilder.questions import by_question
from formbuilder.translating import texts_of
from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("9:30", "09:30"), ("９：３０", "09:30"), ("930", "09:30"), ("午後3時", "15:00")],
)
def test_a_time_is_taken_however_it_is_typed(typed: str, kept: str) -> None:
    assert take(item("time"), typed) == kept


@pytest.mark.parametrize("typed", ["25:00", "9:60", "午後13時", "12時5分", "昼", "12:3", "-1:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    refusal(item("time"), typed)


def test_a_time_must_lie_in_its_hours_and_formulas_see_minutes() -> None:
    field = item("time", "来庁時刻", earliest="9:00", latest="17:00")

    assert refusal(field, "8:59").message == "来庁時刻は09:00から17:00までの時刻を入力してください。"
    assert type_of(field).scalars(field, "09:30") == {"minutes": Decimal(570)}
    assert (shown(field, "09:05"), cells(field, "09:05")) == ("9時05分", ["09:05"])
    assert problems_of("time", earliest="17:00", latest="9:00") == [
        "いちばん早い時刻が、いちばん遅い時刻より後になっています。"
    ]
    assert len(problems_of("time", earliest="朝")) == 1


SPAN = {"start-year": "2026", "start-month": "4", "start-day": "1", "end-year": "2026", "end-month": "4"}


def test_a_span_ends_after_it_begins_and_is_not_too_long() -> None:
    field = item("date_range", "利用期間", max_days=3)

    assert take(field, {**SPAN, "end-day": "3"}) == {"start": "2026-04-01", "end": "2026-04-03"}
    assert refusal(field, {**SPAN, "end-day": "4"}).message == "利用期間は3日以内にしてください（今は4日です）。"
    assert refusal(field, {**SPAN, "start-day": "9", "end-day": "4"}).part == "end-year"
    refused = refusal(field, {**SPAN, "end-day": "31"})
    assert refused.message.startswith("終わり：")
    assert refused.part.startswith("end-")
    assert cells(field, {"start": "2026-04-01", "end": "2026-04-03"}) == ["2026-04-01", "2026-04-03"]


def test_a_day_and_a_time_belong_together() -> None:
    field = item("datetime")
    day = {"date-era": "令和", "date-year": "8", "date-month": "4", "date-day": "1"}

    assert take(field, {**day, "time": "9:30"}) == {"date": "2026-04-01", "time": "09:30"}
    assert refusal(field, day).part == "time"
    assert refusal(field, {"time": "9:30"}).part.startswith("date-")
    assert type_of(field).headers(field) == ["項目：日付", "項目：時刻"]


def test_an_address_of_a_site_is_completed_and_nothing_else_gets_in() -> None:
    assert take(item("url"), "www.example.jp/a") == "https://www.example.jp/a"
    for typed in ("javascript:alert(1)", "ftp://example.jp", "https://", "https://user@example.jp", "https://a b.jp"):
        refusal(item("url"), typed)


def test_a_corporate_number_has_a_check_digit() -> None:
    assert corporate_check_digit("000012050002") == "7"
    assert take(item("corporate_number"), "７-0000-1205-0002") == "7000012050002"
    assert "誤りがあります" in refusal(item("corporate_number"), "8000012050002").message
    assert "13桁" in refusal(item("corporate_number"), "123").message


def test_amounts_have_their_unit() -> None:
    assert shown(item("money"), "1234567") == "1,234,567円"
    assert take(item("money"), "1,000円") == "1000"
    assert take(item("quantity", unit="世帯"), "３世帯") == "3"
    assert refusal(item("quantity", "人数"), "1.5").message == "人数は整数で入力してください。"


def test_a_reading_on_one_line_becomes_katakana() -> None:
    assert take(item("kana"), "みほんしょうてん") == "ミホンショウテン"
    refusal(item("kana"), "見本商店")


def test_a_rating_is_a_number_with_words_at_its_ends() -> None:
    field = item("rating", steps=3, low="悪い", high="よい")

    assert take(field, "3") == "3"
    refusal(field, "4")
    assert type_of(field).scalars(field, "3") == {"": Decimal(3)}
    html = html_of(field)
    assert html.count('type="radio"') == 3
    assert "1　悪い" in html
    assert "3　よい" in html


def test_an_age_is_worked_out_from_a_date_of_birth() -> None:
    assert item("age").options["unit"] == "歳"
    assert len(problems_of("age", birthday="ない項目")) == 1


# --- settings that items share


def test_a_text_may_have_to_be_of_a_form() -> None:
    field = item("text", "車両番号", pattern="[A-Z]{2}[0-9]{4}", pattern_example="AB1234")

    assert take(field, "AB1234") == "AB1234"
    assert refusal(field, "AB12345").message == "車両番号は「AB1234」のような形で入力してください。"
    own = item("text", pattern="[0-9]+", pattern_example="1", pattern_message="数字だけで入力してください。")
    assert refusal(own, "a").message == "数字だけで入力してください。"


@pytest.mark.parametrize("pattern", ["(", "(a+)+", "(a|b*)*", r"(a)\1", "(?=a)"])
def test_a_form_that_cannot_be_read_or_never_ends_cannot_be_published(pattern: str) -> None:
    assert len(problems_of("text", pattern=pattern, pattern_example="a")) == 1


def test_a_form_needs_an_example_that_is_of_it() -> None:
    assert problems_of("text", pattern="[0-9]+") == ["文字の形には、形に合う例も入れてください。"]
    assert "合いません" in problems_of("text", pattern="[0-9]+", pattern_example="a")[0]


@pytest.mark.parametrize(
    ("type_", "text", "boxes"),
    [
        ("text", "見本", "見本"),
        ("choice", "選択肢2", "選択肢2"),
        ("choices", "選択肢1、選択肢2", ["選択肢1", "選択肢2"]),
        ("yes_no", "いいえ", "no"),
        ("date", "令和8年4月1日", {"era": "西暦", "year": "2026", "month": "4", "day": "1"}),
        ("number", "３", "3"),
        ("number", "三", ""),
    ],
)
def test_boxes_begin_with_what_the_editor_wrote(type_: str, text: str, boxes: object) -> None:
    field = item(type_, default=text)

    assert field.options["default"] == text
    assert type_of(field).beginning(field, text) == boxes


def test_a_sample_and_a_width_reach_the_page() -> None:
    html = html_of(item("phone", placeholder="025-228-1000", width="l"))

    assert 'placeholder="025-228-1000"' in html
    assert "mg-input--l" in html


def form_of(*settings: dict[str, object]) -> tuple[FieldDef, ...]:
    """The items of a form: texts called a, b and so on, unless a setting says another type."""
    fields = [
        {"type": given.pop("type", "text"), "id": key, "value": {"label": key, **given}}
        for key, given in zip("abc", settings, strict=False)
    ]
    body = body_block().to_python([{"type": "step", "id": "s", "value": {"title": "画面", "fields": fields}}])
    return compile_form(title="題名", body=body).steps[0].fields


def test_a_condition_of_need_goes_before_the_switch() -> None:
    rows = [{"field": "a", "operator": "eq", "value": "x"}]
    _, needed = form_of({}, {"required": False, "required_if": {"rows": rows, "match": "all"}})

    assert needed.required == Call("eq", (FieldRef("a"), Value("x", "text")))


def test_a_first_answer_that_is_none_cannot_be_published() -> None:
    with pytest.raises(CompileErrors, match="初期値「三」を答えにできません"):
        form_of({"type": "number", "default": "三"})


def test_a_sign_without_its_gate_cannot_be_published() -> None:
    with pytest.raises(CompileErrors, match="予約"):
        form_of({"type": "slot_sign", "label": ""})


def test_the_texts_of_new_settings_can_be_translated() -> None:
    items = form_of(
        {"type": "rating", "low": "悪い", "high": "よい"},
        {"pattern": "[0-9]+", "pattern_example": "1", "pattern_message": "数字だけです。"},
    )
    definition = FormDefinition("題名", (StepDef("s", "1", "画面", fields=items),))

    assert {"悪い", "よい", "数字だけです。"} <= {text.source for text in texts_of(definition)}


def test_what_is_read_stands_before_the_question_after_it() -> None:
    items = form_of({}, {"type": "notice", "label": "お知らせ"}, {})
    pages = by_question(FormDefinition("題名", (StepDef("s", "1", "画面", fields=items),))).steps

    assert [[item.key for item in page.fields] for page in pages] == [["a"], ["b", "c"]]


# --- for readers of another language, and for a spreadsheet


def test_what_the_program_says_is_said_in_the_language_of_the_page() -> None:
    with override("en"):
        assert "Use my account registered" in html_of(item("refund_account"))
        assert refusal_in_english(item("time", earliest="9:00"), "8:00") == "For 項目, enter a time from 09:00."
        assert shown(item("date_range"), {"start": "2026-04-01", "end": "2026-04-03"}) == (
            "From 1 April 2026 to 3 April 2026"
        )


def refusal_in_english(field: FieldDef, raw: str) -> str:
    with pytest.raises(FieldRefused) as caught:
        type_of(field).normalise(field, raw)
    return caught.value.message


def test_a_spreadsheet_may_count_with_numbers_and_days_alone() -> None:
    kinds = {name: type_of(item(name)).cell_kinds(item(name)) for name in ("money", "rating", "age", "date_range")}

    assert kinds == {"money": ["number"], "rating": ["number"], "age": ["number"], "date_range": ["date", "date"]}
    assert type_of(item("datetime")).cell_kinds(item("datetime")) == ["date", "text"]
    assert type_of(item("corporate_number")).cell_kinds(item("corporate_number")) == ["text"]
