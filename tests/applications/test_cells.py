"""Texts in a spreadsheet: nothing is calculated, nothing is lost in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.sheets.cells import CUT, EXCEL_MOST, TITLE_MOST, csv_cell, excel_cell, sheet_title

DANGEROUS = "=+-@＝＋－＠−\t\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.jp","押す")',
        "+1-1",
        "-1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "　＝1+1",
        "＝1+1",
        "＋81",
        "－1＋1",
        "＠SUM(1)",
        "−1+1",
        # calculated, they would be other numbers
        "+81-90-1234-5678",
        "+819012345678",
        "-1-1",
        "-1.2.3",
        "-1,2",
        "-03-1234-5678",
        "--1",
    ],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "-5", "-1234.5", "-1,234,567", "-", "－", "00123", "090-1234-5678", "1=1", "a@example.jp", "'=1", "𠮷"]
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text


@given(st.text(st.sampled_from(DANGEROUS + " 　0123456789.,a")) | st.text())
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    cell = csv_cell(text)
    assert cell.removeprefix("'").replace("\x00", "") == text.removeprefix("'").replace("\x00", "")
    if cell.lstrip()[:1] in tuple("=+-@＝＋－＠−") or cell[:1] in tuple("\t\r\n"):
        assert cell in "-－−" or float(cell.replace(",", "")) <= 0


@given(st.text())
def test_an_excel_cell_is_legal_xml_of_a_legal_length(text: str) -> None:
    cell = excel_cell(text)
    for character in cell:
        assert (
            character in "\t\n"
            or " " <= character <= "\ud7ff"
            or "\ue000" <= character <= "\ufffd"
            or character > "\uffff"
        )


def test_control_characters_are_cleaned_and_line_ends_made_one() -> None:
    assert excel_cell("a\x00\x01\x0b\ufffe\r\nb\rc\td") == "a\nb\nc\td"


def test_an_escape_of_excel_stays_the_text_that_was_typed() -> None:
    assert excel_cell("_x0041_ _xyz_") == "_x005F_x0041_ _xyz_"


@pytest.mark.parametrize("character", ["あ", "𠮷"])
def test_a_text_too_long_for_excel_is_cut_with_a_mark(character: str) -> None:
    units = len(character.encode("utf-16-le")) // 2
    fits = character * (EXCEL_MOST // units)
    assert excel_cell(fits) == fits
    cell = excel_cell(fits + character)
    assert cell.endswith(CUT)
    assert EXCEL_MOST - 1 <= len(cell.encode("utf-16-le")) // 2 <= EXCEL_MOST
    assert set(cell.removesuffix(CUT)) == {character}


def test_sheets_have_names_that_excel_allows() -> None:
    taken: set[str] = set()
    titles = [sheet_title(text, taken) for text in ("a/b*[c]:?\\", "", "''", "History", "長" * 40, "𠮷" * 40)]
    assert titles == ["a b  c", "申請", "申請（2）", "申請 history", "長" * 30 + "…", "𠮷" * 15 + "…"]


@given(st.lists(st.text(max_size=50), min_size=2, max_size=12))
def test_no_two_sheets_have_the_same_name(texts: list[str]) -> None:
    taken: set[str] = set()
    titles = [sheet_title(text, taken) for text in texts]
    assert len({title.lower() for title in titles}) == len(titles)
    for title in titles:
        assert 0 < len(title.encode("utf-16-le")) // 2 <= TITLE_MOST
        assert not set(title) & set("[]:*?/\\")
