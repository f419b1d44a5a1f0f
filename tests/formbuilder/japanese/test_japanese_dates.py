from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.wareki import (
    ERA_LABELS,
    ERAS,
    DateRefused,
    age_on,
    fiscal_year,
    from_era,
    parse_date,
    to_wareki,
)

SINCE_MEIJI = st.dates(min_value=date(1868, 1, 25))


@pytest.mark.parametrize(
    "raw",
    [
        "2024-04-01",
        "2024/4/1",
        "2024.4.1",
        "20240401",
        "2024年4月1日",
        "２０２４年　４月　１日",
        "２０２４ー０４ー０１",
        "西暦2024年4月1日",
        "R6.4.1",
        "r6/4/1",
        "Ｒ６．４．１",
        "令和6年4月1日",
        "㋿6年4月1日",
        " 令和 6年4月1日\n",
    ],
)
def test_a_date_is_read_however_it_is_written(raw: str) -> None:
    assert parse_date(raw) == date(2024, 4, 1)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H1.1.8", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S元.12.25", date(1926, 12, 25)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("T1.7.30", date(1912, 7, 30)),
        ("明治45年7月30日", date(1912, 7, 30)),
        ("M1.1.25", date(1868, 1, 25)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_the_first_and_last_days_of_the_eras_are_read(raw: str, day: date) -> None:
    assert parse_date(raw) == day


@pytest.mark.parametrize(
    ("raw", "part_of_message"),
    [
        ("", "のように入力してください"),
        ("明日", "のように入力してください"),
        ("1/2/2026", "のように入力してください"),
        ("26/1/2", "西暦は4桁"),
        ("元年1月2日", "西暦は4桁"),
        ("2026-13-01", "2026年13月1日という日付はありません"),
        ("20260230", "2026年2月30日という日付はありません"),
        ("0000-01-01", "という日付はありません"),
        ("令和9999年1月1日", "という日付はありません"),
        ("令和0年1月1日", "令和の年は1以上"),
        ("2026-01-02T10:00", "のように入力してください"),
        ("٢٠٢٦-01-02", "のように入力してください"),
        ("2026年1月2日" + " " * 10_000, "のように入力してください"),
    ],
)
def test_what_is_no_date_is_refused_with_what_to_do(raw: str, part_of_message: str) -> None:
    with pytest.raises(DateRefused) as caught:
        parse_date(raw)
    assert part_of_message in caught.value.message


@pytest.mark.parametrize(
    ("raw", "period"),
    [
        ("H31.5.1", "平成は平成元年1月8日（1989年）から平成31年4月30日（2019年）までです"),
        ("平成35年4月1日", "平成は平成元年1月8日（1989年）から平成31年4月30日（2019年）までです"),
        ("S64.1.8", "昭和は昭和元年12月25日（1926年）から昭和64年1月7日（1989年）までです"),
        ("令和元年4月30日", "令和は令和元年5月1日（2019年）からです"),
        ("T1.7.29", "大正は大正元年7月30日（1912年）から大正15年12月25日（1926年）までです"),
        ("M45.7.31", "明治は明治元年1月25日（1868年）から明治45年7月30日（1912年）までです"),
    ],
)
def test_a_day_outside_its_era_is_refused_with_the_period(raw: str, period: str) -> None:
    with pytest.raises(DateRefused) as caught:
        parse_date(raw)
    assert period in caught.value.message


def test_an_unknown_era_is_refused() -> None:
    with pytest.raises(DateRefused, match="元号を選んでください"):
        from_era("keio", 1, 1, 1)


@given(st.sampled_from([*ERA_LABELS, "?"]), st.integers(), st.integers(), st.integers())
def test_any_parts_give_a_date_or_a_refusal(era: str, year: int, month: int, day: int) -> None:
    try:
        found = from_era(era, year, month, day)
    except DateRefused:
        return
    assert (found.month, found.day) == (month, day)


@pytest.mark.parametrize("huge", [10**30, -(10**30)])
def test_huge_numbers_are_refused(huge: int) -> None:
    for era in ERA_LABELS:
        with pytest.raises(DateRefused):
            from_era(era, huge, huge, huge)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(2026, 11, 25), "令和8年11月25日"),
        (date(1868, 1, 24), "西暦1868年1月24日"),
    ],
)
def test_a_date_is_written_in_its_era(day: date, written: str) -> None:
    assert to_wareki(day) == written


@given(SINCE_MEIJI)
def test_a_date_survives_being_written_and_read(day: date) -> None:
    assert parse_date(to_wareki(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%Y%m%d}") == day


@given(SINCE_MEIJI)
def test_each_day_belongs_to_one_era_except_the_days_of_change(day: date) -> None:
    holders = [era for era in ERAS if era.holds(day)]
    assert len(holders) == (2 if day in (date(1912, 7, 30), date(1926, 12, 25)) else 1)
    for era in holders:
        assert from_era(era.code, era.year_of(day), day.month, day.day) == day


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(2000, 4, 1), date(2018, 3, 31), 17),
        (date(2000, 4, 1), date(2018, 4, 1), 18),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_rises_on_the_birthday(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


def test_an_age_before_birth_is_refused() -> None:
    with pytest.raises(DateRefused, match="生年月日を確かめて"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@given(st.dates(max_value=date(9990, 1, 1)), st.integers(min_value=0, max_value=2000))
def test_age_never_falls_and_rises_by_one_at_most(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    assert age_on(birth, on + timedelta(days=1)) - age_on(birth, on) in (0, 1)


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 12, 31), 2026)]
)
def test_the_fiscal_year_begins_in_april(day: date, year: int) -> None:
    assert fiscal_year(day) == year
