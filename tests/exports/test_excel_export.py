"""The Excel file, opened with openpyxl."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from applications.sheets import excel_file
from applications.sheets.excel_file import PIECE, Kind, Sheet, excel_pieces
from tests.exports.reading import content, export, file_name, sheet_rows, workbook
from tests.support.cast import Cast, item, key_of, make_form, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def test_a_cell_is_text_unless_its_column_has_numbers_or_dates(cast: Cast, desk: Client) -> None:
    items = [item("number", "人数"), item("date", "生年月日"), item("text", "口座番号"), item("text", "長い番号")]
    form = make_form(cast.children, code="typed", steps={"内容": items})
    submit(form, {"人数": "12", "生年月日": "2019-05-01", "口座番号": "0012345", "長い番号": "12345678901234567890"})
    sheet = workbook(desk)["出産応援ギフト"]
    cells = {str(sheet.cell(1, cell.column or 0).value): cell for cell in sheet[2]}
    assert (cells["人数"].value, cells["人数"].data_type) == (12, "n")
    assert (cells["生年月日"].value, cells["生年月日"].number_format) == (
        datetime.fromisoformat("2019-05-01"),
        "yyyy-mm-dd",
    )
    assert isinstance(cells["受付日時"].value, datetime)
    for name, text in (("口座番号", "0012345"), ("長い番号", "12345678901234567890")):
        assert (cells[name].value, cells[name].data_type, cells[name].number_format) == (text, "s", "@")


@pytest.mark.parametrize("text", ["1234567890123456", "1e5", "0012", "１２", "", "-", "=1"])
def test_what_excel_would_keep_otherwise_stays_text_in_a_column_of_numbers(text: str) -> None:
    pieces = excel_pieces([Sheet("数", ("数",), [[text]], 1, (Kind.NUMBER,))])
    assert (load_workbook(io.BytesIO(b"".join(pieces)))["数"]["A2"].value or "") == text


@pytest.mark.parametrize("text", ["1868-01-25", "1900-02-28", "2026-13-01", "来週"])
def test_a_day_that_excel_does_not_have_stays_text(text: str) -> None:
    pieces = excel_pieces([Sheet("日", ("日",), [[text]], 1, (Kind.DATE,))])
    assert load_workbook(io.BytesIO(b"".join(pieces)))["日"]["A2"].value == text


def test_the_rows_of_a_group_have_a_sheet_and_every_column_is_explained(cast: Cast, desk: Client) -> None:
    family = item("repeat", "ご家族", fields=[item("text", "続柄"), item("number", "年齢")])
    form = make_form(cast.children, code="family", steps={"内容": [family]})
    rows = [{key_of("続柄"): "子", key_of("年齢"): "3"}, {key_of("続柄"): "母", key_of("年齢"): "31"}]
    application = submit(form, {"ご家族": rows})
    book = workbook(desk)
    assert book.sheetnames == ["出産応援ギフト", "出産応援ギフト・ご家族", "項目の一覧"]
    reference = str(application.reference)
    found = [list(row) for row in book["出産応援ギフト・ご家族"].iter_rows(values_only=True)]
    assert found == [["受付番号", "何番目", "続柄", "年齢"], [reference, 1, "子", 3], [reference, 2, "母", 31]]
    listed = sheet_rows(book, "項目の一覧")
    assert listed[1] == ["出産応援ギフト", "ご家族1：続柄", "ご家族1：続柄", "続柄", "文字（1行）", "必須", "", "第1版"]


def test_a_sheet_with_more_rows_than_excel_opens_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_file, "MOST_ROWS", 3)
    with pytest.raises(excel_file.SheetFull):
        list(excel_pieces([Sheet("多い", ("数",), [["1"]] * 4, None)]))


ANSWERS = [
    "=1+1",
    "@SUM(1)",
    "#N/A",
    "TRUE",
    "00123",
    "1e5",
    "𠮷野家 葛󠄀城 😀",
    "<&>\"'",
    "一行目\n二行目",
    "字下げ  空白",
]


def test_an_answer_comes_back_as_it_was_given(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="long", steps={"内容": [item("textarea", "=見出し")]})
    for answer in ANSWERS:
        submit(form, {"=見出し": answer})
    rows = sheet_rows(workbook(desk), "出産応援ギフト")
    assert [row[-1] for row in rows] == ["=見出し", *ANSWERS]


def test_the_headings_are_bold_stay_in_sight_and_can_be_filtered(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    submit(cast.form)
    sheet = workbook(desk)["出産応援ギフト"]
    assert all(cell.font.b for cell in sheet[1])
    assert not any(cell.font.b for cell in sheet[2])
    assert sheet.freeze_panes == "B2"
    last = sheet.cell(1, sheet.max_column).coordinate.rstrip("1")
    assert sheet.auto_filter.ref == sheet.dimensions == f"A1:{last}3"


def test_each_form_has_a_sheet_of_its_own(cast: Cast, desk: Client) -> None:
    second = make_form(cast.children, title="医療費助成/変更", code="iryo", steps={"内容": [item("text", "理由")]})
    first_row, second_row = submit(cast.form), submit(second, {"理由": "転居"})
    book = workbook(desk)
    assert book.sheetnames == ["出産応援ギフト", "医療費助成 変更", "項目の一覧"]
    assert sheet_rows(book, "出産応援ギフト")[1][0] == first_row.reference
    assert sheet_rows(book, "医療費助成 変更") == [
        ["受付番号", "受付日時", "状態", "受付方法", "版", "理由"],
        [second_row.reference, sheet_rows(book, "医療費助成 変更")[1][1], "受付済", "ウェブ", "第1版", "転居"],
    ]


def test_the_name_of_the_file_is_japanese_and_has_the_date(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    response = export(desk, "xlsx")
    assert file_name(response) == f"申請_出産応援ギフト_{timezone.localdate():%Y%m%d}.xlsx"
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    content(response)


def test_the_file_is_sent_while_it_is_written() -> None:
    read = 0

    def counted() -> Iterator[list[str]]:
        nonlocal read
        for number in range(50_000):
            read = number
            yield [str(number * 7919), "𠮷" * 5]

    pieces = excel_pieces([Sheet("大きい", ("番号", "名前"), counted(), 50_000)])
    first = next(pieces)
    assert 0 < read < 50_000
    assert PIECE <= len(first) < PIECE * 3
    body = first + b"".join(pieces)
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert read == 49_999
