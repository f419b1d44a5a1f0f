import pytest

from formbuilder.fields.address import AddressType
from formbuilder.japanese.prefectures import PREFECTURES
from tests.formbuilder.fields.making import Controls, cells, html_of, item, refusal, shown, take, type_of

ADDRESS = AddressType.example


def test_what_is_typed_is_kept_as_it_is_and_the_postcode_made_uniform() -> None:
    typed = {
        **ADDRESS,
        "postcode": "〒９５１－８５５０",
        "town": " 學校町通1番町602ー1 ",
        "building": "みほんハイツ　１０１",
    }

    assert take(item("address"), typed) == {
        "postcode": "9518550",
        "prefecture": "新潟県",
        "city": "新潟市中央区",
        "town": "學校町通1番町602ー1",
        "building": "みほんハイツ　１０１",
    }


@pytest.mark.parametrize("part", ["postcode", "building"])
def test_some_boxes_may_stay_empty(part: str) -> None:
    assert take(item("address"), {**ADDRESS, part: ""}) == {**ADDRESS, part: ""}


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("postcode", "951-855", "郵便番号は7桁"),
        ("prefecture", "", "都道府県を選んで"),
        ("prefecture", "新潟", "都道府県を選んで"),
        ("city", " ", "市区町村を入力"),
        ("town", "", "町名・番地を入力"),
        ("town", "あ" * 10_000, "町名・番地は200文字以内"),
        ("building", "あ" * 201, "建物名・部屋番号は200文字以内"),
    ],
)
def test_other_boxes_are_checked_one_by_one(part: str, text: str, words: str) -> None:
    refused = refusal(item("address"), {**ADDRESS, part: text})

    assert words in refused.message
    assert refused.part == part


def test_empty_boxes_are_no_answer() -> None:
    assert take(item("address"), dict.fromkeys(ADDRESS, "")) is None


def test_the_postcode_fills_in_the_rest() -> None:
    field = item("address")

    assert type_of(field).assist(field, {"postcode": "950-0087"}) == {
        "prefecture": "新潟県",
        "city": "新潟市中央区",
        "town": "東大通",
    }


def test_of_several_places_only_what_they_share_is_filled_in() -> None:
    field = item("address")

    assert type_of(field).assist(field, {"postcode": "4980000"}) == {"town": ""}  # two prefectures


@pytest.mark.parametrize("postcode", ["", "9999999", "951", "電話", "\x00"])
def test_a_postcode_without_a_place_fills_in_nothing(postcode: str) -> None:
    field = item("address")

    assert type_of(field).assist(field, {"postcode": postcode}) == {}


def test_a_lot_number_typed_already_is_not_lost() -> None:
    field = item("address")
    typed = {"postcode": "9500087", "town": "東大通1-2-3"}

    assert "town" not in type_of(field).assist(field, {**typed, "city": ""})
    assert "town" not in type_of(field).assist(field, {**typed, "city": "新潟市中央区"})
    assert type_of(field).assist(field, {**typed, "city": "長岡市"})["town"] == "東大通"


def test_an_address_is_shown_in_lines_and_exported_in_five_columns() -> None:
    field = item("address", "住所")

    assert shown(field, ADDRESS) == "〒951-8550\n新潟県新潟市中央区学校町通1番町602-1\nみほんハイツ101"
    assert shown(field, {**ADDRESS, "postcode": "", "building": ""}) == "新潟県新潟市中央区学校町通1番町602-1"
    assert type_of(field).headers(field) == [
        "住所：郵便番号",
        "住所：都道府県",
        "住所：市区町村",
        "住所：町名・番地",
        "住所：建物名・部屋番号",
    ]
    assert cells(field, ADDRESS) == ["9518550", "新潟県", "新潟市中央区", "学校町通1番町602-1", "みほんハイツ101"]


def test_formulas_see_the_parts() -> None:
    field = item("address")

    assert type_of(field).scalars(field, ADDRESS)["city"] == "新潟市中央区"
    assert type_of(field).scalars(field, None) == dict.fromkeys(ADDRESS)


def test_the_page_offers_the_prefectures_that_are_taken() -> None:
    html = html_of(item("address"))

    assert len(PREFECTURES) == 47
    for prefecture in PREFECTURES:
        assert Controls(html_of(item("address"), {"prefecture": prefecture})).data["f-3f2a-prefecture"] == prefecture
    assert html.count("<option") == 48
