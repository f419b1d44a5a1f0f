from datetime import date

import pytest
import time_machine

from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of

TODAY = time_machine.travel("2026-11-23T08:30:00+09:00", tick=False)


def boxes(era: str, year: str = "", month: str = "", day: str = "") -> dict[str, str]:
    return {"era": era, "year": year, "month": month, "day": day}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (boxes("西暦", "2026", "4", "1"), "2026-04-01"),
        (boxes("令和", "8", "4", "1"), "2026-04-01"),
        (boxes("令和", "元", "5", "1"), "2019-05-01"),
        (boxes("平成", "３１", "０４", "３０"), "2019-04-30"),
        (boxes("昭和", "60年", "1月", "2日"), "1985-01-02"),
        (boxes("大正", "1", "7", "30"), "1912-07-30"),
        (boxes("明治", "45", "7", "30"), "1912-07-30"),
        (boxes("", "2026", "4", "1"), "2026-04-01"),
        (boxes("令和", "2026", "4", "1"), "2026-04-01"),  # the western year beside an era that fits
        (boxes("西暦", "令和8", "4", "1"), "2026-04-01"),
        (boxes("西暦", "R8", "4", "1"), "2026-04-01"),
        (boxes("西暦", "R8.4.1"), "2026-04-01"),
        (boxes("令和", "Ｒ８．４．１"), "2026-04-01"),
        (boxes("西暦", "令和8年4月1日"), "2026-04-01"),
        (boxes("西暦", "㋿8.4.1"), "2026-04-01"),
        (boxes("西暦", "2026-04-01"), "2026-04-01"),
        (boxes("西暦", "20260401"), "2026-04-01"),
        (boxes("西暦"), None),
        (boxes("令和", " ", "", "\x00"), None),
    ],
)
def test_dates_are_taken_however_they_are_typed(typed: dict[str, str], kept: str | None) -> None:
    assert take(item("date"), typed) == kept


@pytest.mark.parametrize(
    ("typed", "part", "words"),
    [
        (boxes("西暦", "8", "4", "1"), "year", "西暦の年は4桁"),
        (boxes("令和", "100", "4", "1"), "year", "1から99まで"),
        (boxes("令和", "0", "4", "1"), "year", "1から99まで"),
        (boxes("平成", "2026", "4", "1"), "era", "元号（平成）"),
        (boxes("平成", "R8.4.1"), "era", "元号（平成）"),
        (boxes("平成", "8", "4", "31"), "", "という日付はありません"),
        (boxes("平成", "31", "5", "1"), "", "平成は"),
        (boxes("令和", "8", "", "1"), "month", "月を入力"),
        (boxes("令和", "8", "4", ""), "day", "日を入力"),
        (boxes("令和", "", "4", "1"), "year", "年を入力"),
        (boxes("西暦", "2026"), "month", "月を入力"),
        (boxes("令和", "8", "四", "1"), "month", "月は数字"),
        (boxes("令和", "8", "4", "-1"), "day", "日は数字"),
        (boxes("慶応", "1", "1", "1"), "era", "元号を選んで"),
        (boxes("西暦", "きのう"), "year", "のように入力"),
        (boxes("西暦", "1600", "10", "21"), "year", "1868年"),
        (boxes("西暦", "9999", "12", "31"), "year", "2199年"),
        (boxes("西暦", "あ" * 10_000, "1", "1"), "", "数字で入力"),
    ],
)
def test_what_is_no_date_is_refused_at_its_box(typed: dict[str, str], part: str, words: str) -> None:
    refused = refusal(item("date"), typed)

    assert words in refused.message
    assert refused.part == part


@TODAY
def test_ages_count_on_the_day_of_filling() -> None:
    field = item("date", "生年月日", min_age=10, max_age=60)

    assert take(field, boxes("西暦", "2016", "11", "23")) == "2016-11-23"  # ten today
    refused = refusal(field, boxes("西暦", "2016", "11", "24"))
    assert refused.message == "10歳以上60歳以下の方が対象です（今は9歳）。生年月日を確かめてください。"
    assert take(field, boxes("西暦", "1965", "11", "24")) == "1965-11-24"  # sixty for one more day
    assert "今は61歳" in refusal(field, boxes("西暦", "1965", "11", "23")).message
    assert "今日（令和8年11月23日）まで" in refusal(field, boxes("西暦", "2027", "1", "1")).message


@TODAY
def test_one_age_limit_is_enough() -> None:
    assert "18歳以上の方" in refusal(item("date", min_age=18), boxes("西暦", "2020", "1", "1")).message
    assert "3歳以下の方" in refusal(item("date", max_age=3), boxes("西暦", "2020", "1", "1")).message


@TODAY
def test_the_future_or_the_past_may_be_closed() -> None:
    not_future, not_past = item("date", "届出日", not_future=True), item("date", "希望日", not_past=True)

    assert (
        take(not_future, boxes("令和", "8", "11", "23"))
        == take(not_past, boxes("令和", "8", "11", "23"))
        == "2026-11-23"
    )
    assert refusal(not_future, boxes("令和", "8", "11", "24")).message.startswith("届出日は今日（令和8年11月23日）まで")
    assert refusal(not_past, boxes("令和", "8", "11", "22")).message.startswith("希望日は今日（令和8年11月23日）から")


def test_limits_that_leave_no_day_cannot_be_published() -> None:
    assert problems_of("date", min_age=60, max_age=10) == [
        "最小の年齢（60歳）が最大の年齢（10歳）より大きくなっています。"
    ]
    assert len(problems_of("date", not_past=True, not_future=True)) == 1
    assert len(problems_of("date", not_past=True, min_age=0)) == 1


def test_a_date_is_shown_in_both_calendars_and_exported_in_one() -> None:
    field = item("date")

    assert shown(field, "2026-04-01") == "令和8年4月1日（2026年4月1日）"
    assert shown(field, "2019-05-01") == "令和元年5月1日（2019年5月1日）"
    assert cells(field, "2026-04-01") == ["2026-04-01"]
    assert shown(field, None) == cells(field, None)[0] == ""


def test_formulas_see_one_date_and_none_of_its_boxes() -> None:
    field = item("date")

    assert type_of(field).scalars(field, "2026-04-01") == {"": date(2026, 4, 1)}
    assert type_of(field).formula_parts == {}
    assert list(type_of(field).parts) == ["era", "year", "month", "day"]


def test_a_kept_date_is_shown_in_its_boxes() -> None:
    field = item("date")

    html = html_of(field, type_of(field).boxes(field, "1985-01-02"))

    assert '<option value="西暦" selected>西暦</option>' in html
    assert 'value="1985"' in html


def test_the_browser_may_fill_in_a_birthday() -> None:
    assert 'autocomplete="bday-year"' in html_of(item("date", birthday=True))
    assert "autocomplete" not in html_of(item("date"))
