import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formbuilder.japanese import Refused
from formbuilder.japanese.postcode import lookup, normalise_postcode
from formbuilder.japanese.postcode_table import Place

NISHI_SHINJUKU = [Place("東京都", "新宿区", "西新宿", "次のビルを除く")]


@pytest.mark.parametrize(
    "raw", ["9518550", "951-8550", "〒951-8550", "〒９５１－８５５０", "９５１ー８５５０", " 951 8550 ", "951−8550"]
)
def test_a_postcode_becomes_seven_digits(raw: str) -> None:
    assert normalise_postcode(raw) == "9518550"


@pytest.mark.parametrize(
    "raw", ["", "951-855", "95185500", "9518-550", "新潟市", "951-8550-1", "٩٥١٨٥٥٠", "9" * 10_000]
)
def test_what_is_no_postcode_is_refused_with_what_to_do(raw: str) -> None:
    with pytest.raises(Refused, match="郵便番号は7桁の数字で入力してください"):
        normalise_postcode(raw)
    with pytest.raises(Refused):
        lookup(raw)


@given(st.integers(min_value=0, max_value=9_999_999))
@settings(deadline=None)  # the first call reads the tables
def test_any_seven_digits_are_a_postcode_and_can_be_looked_up(number: int) -> None:
    code = f"{number:07}"
    assert normalise_postcode(f"〒{code[:3]}-{code[3:]}") == code
    places = lookup(code)
    assert len(places) == len({(place.prefecture, place.city, place.town) for place in places})
    assert all(place.prefecture and place.city for place in places)


def test_a_postcode_of_one_town_gives_one_place() -> None:
    assert lookup("1600023") == NISHI_SHINJUKU
    assert lookup("160-0023") == NISHI_SHINJUKU


def test_an_unknown_postcode_gives_no_place() -> None:
    assert lookup("0000000") == []


def test_a_postcode_can_span_prefectures() -> None:
    assert lookup("4980000") == [Place("愛知県", "弥富市", "", ""), Place("三重県", "桑名郡木曽岬町", "", "")]


def test_the_postcode_of_what_is_not_listed_has_no_town() -> None:
    places = lookup("9500000")
    assert Place("新潟県", "新潟市中央区", "", "") in places
    assert len(places) == 6 and {place.town for place in places} == {""}


def test_the_postcode_of_an_office_gives_its_address_and_name() -> None:
    assert lookup("9518550") == [Place("新潟県", "新潟市中央区", "学校町通1番町602-1", "新潟市役所")]


@pytest.mark.parametrize(
    ("code", "city"),
    [("1000301", "利島村"), ("4090142", "北都留郡小菅村"), ("7660002", "仲多度郡琴平町"), ("3940091", "岡谷市")],
)
def test_the_name_of_the_municipality_is_not_repeated_as_a_town(code: str, city: str) -> None:
    assert [(place.city, place.town) for place in lookup(code)] == [(city, "")]


def test_a_town_that_only_ends_like_its_municipality_is_kept() -> None:
    assert lookup("0985805") == [Place("北海道", "枝幸郡枝幸町", "幸町", "")]


@pytest.mark.parametrize(
    ("code", "towns"),
    [
        ("0295503", [("穴明", ""), ("清水ケ野", "18地割"), ("間木野", "24地割"), ("湯田", "")]),
        ("0282402", [("川井", "第9地割〜第11地割")]),
        ("4411324", [("井道", ""), ("奥井道", ""), ("内井道", "")]),
        ("7614103", [("甲", "大木戸"), ("乙", "大木戸")]),
    ],
)
def test_remarks_of_the_table_do_not_end_up_in_the_town(code: str, towns: list[tuple[str, str]]) -> None:
    assert [(place.town, place.note) for place in lookup(code)] == towns


def test_lookups_work_in_many_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lookup, ["1600023", "9500000"] * 100))
    assert answers[0::2] == [NISHI_SHINJUKU] * 100
    assert {len(answer) for answer in answers[1::2]} == {6}


def test_lookups_work_in_forked_workers() -> None:
    assert lookup("1600023") == NISHI_SHINJUKU
    with multiprocessing.get_context("fork").Pool(2) as pool:
        answers = pool.map(lookup, ["1600023"] * 40)
    assert answers == [NISHI_SHINJUKU] * 40
    assert lookup("1600023") == NISHI_SHINJUKU
