"""The Excel file, opened with openpyxl."""

import io
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from applications.sheets.excel_file import PIECE, Sheet, excel_pieces
from tests.exports.reading import content, export, file_name, sheet_rows, workbook
from tests.support.cast import SOMEBODY, Cast, item, make_form, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def test_every_cell_is_text(cast: Cast, desk: Client) -> None:
    submit(cast.form, {**SOMEBODY, "電話番号": "090-1234-5678", "備考": "00123"})
    sheet = workbook(desk)["出産応援ギフト"]
    written = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {(cell.data_type, cell.number_format) for cell in written} == {("s", "@")}
    assert "00123" in [cell.value for cell in written]


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
    assert book.sheetnames == ["出産応援ギフト", "医療費助成 変更"]
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
