"""当日の受付名簿, as PDF and as Excel: the right people in the order of the slots, and nothing that calculates."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from applications.models import ExportRecord
from applications.printing.font import GETA, printable
from reservations import services
from reservations.ledger.attending import mark
from reservations.ledger.day import day_of
from reservations.ledger.sheet import DaySheet, Line, Sheet, sheet_of
from reservations.ledger.sheet_excel import excel_of
from reservations.ledger.sheet_pdf import MISSING, NOBODY, pdf_of
from reservations.models import Presence
from tests.reservations.desk import (
    CHOICES,
    STEPS,
    WITH_FAMILY,
    booked_by_staff,
    held_by_resident,
    make_checkup_form,
    somebody,
)
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots
from tests.support.cast import Cast, item, key_of


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


def download(client: Client, format_: str, **sent: str) -> Any:
    return client.post(
        reverse("ledger:sheet", args=("kenshin",)), {"day": FIRST_DAY.isoformat(), "format": format_, **sent}
    )


def rows(content: bytes, number: int = 0) -> list[list[Any]]:
    page = load_workbook(BytesIO(content)).worksheets[number]
    return [[cell.value for cell in row] for row in page.iter_rows()]


def words(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def a_day(cast: Cast, check_up: CheckUp) -> None:
    """Two at six, one at seven who was entered first, a hold, and somebody who has cancelled."""
    first, _, third = add_slots(check_up, 3, places=5)
    (elsewhere,) = add_slots(check_up, 1, places=5, venue=check_up.other_venue)
    form = make_checkup_form(cast.children)
    booked_by_staff(form, third, cast.officer, somebody("七子", "ナナコ"))
    came = booked_by_staff(form, first, cast.officer, somebody("𠮷美", "ヨシミ"))
    booked_by_staff(form, first, cast.officer, somebody("=1+1", "タス", 受けたい項目=["lungs"]))
    booked_by_staff(form, elsewhere, cast.officer, somebody("川子", "カワコ"))
    held_by_resident(form, first, somebody("仮", "カリ"))
    gone = booked_by_staff(form, first, cast.officer, somebody("消", "ケシ"))
    services.staff_cancel(booking_id=gone.pk, actor=cast.officer, reason="取消")
    mark(
        booking_id=came.pk,
        attendee_id=came.attendees.get().pk,
        item_id=None,
        presence=Presence.CAME,
        actor=cast.officer,
    )


def test_excel_has_a_sheet_for_each_venue_in_the_order_of_the_slots(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    a_day(cast, check_up)
    client.force_login(cast.officer)
    response = download(client, "xlsx")
    assert "%E5%8F%97%E4%BB%98%E5%90%8D%E7%B0%BF" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    title, subtitle, headings, *people = rows(response.content)
    assert (title[0], subtitle[0]) == ("受付名簿　総合検診　あすぱる", "2027年6月7日（月）　こども家庭課　3人")
    assert headings == [
        *("時間", "受付番号", "氏名", "フリガナ", "電話"),
        *("胃（バリウム）", "肺CT", "骨密度"),
        *("入口", "来場"),
    ]
    assert [(row[0], row[2], row[3], row[5], row[6], row[9]) for row in people] == [
        ("6:00", "見本 𠮷美", "ミホン ヨシミ", "○", None, "来場"),
        ("6:00", "見本 =1+1", "ミホン タス", None, "○", None),
        ("7:00", "見本 七子", "ミホン ナナコ", "○", None, None),
    ]
    assert "見本 川子" in rows(response.content, 1)[3]


def test_each_of_a_family_has_kana_and_telephone_of_their_own(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    asked_more = item(
        "repeat",
        "家族",
        required=False,
        fields=[
            item("full_name", "家族の氏名"),
            item("kana_name", "家族のフリガナ"),
            item("phone", "家族の電話", required=False),
            item("choices", "家族の検診", choices=CHOICES),
        ],
    )
    form = make_checkup_form(cast.children, steps={**STEPS, "一緒に来る人": [asked_more]}, more=WITH_FAMILY)
    rows = [
        {
            key_of("家族の氏名"): {"family": "見本", "given": given},
            key_of("家族のフリガナ"): {"family": "ミホン", "given": kana},
            key_of("家族の検診"): ["stomach"],
            **({key_of("家族の電話"): phone} if phone else {}),
        }
        for given, kana, phone in (("太郎", "タロウ", ""), ("桜", "サクラ", "090-1234-5678"))
    ]
    booked_by_staff(form, slot, cast.officer, somebody(家族=rows))
    (sheet,) = sheet_of(day_of(check_up.calendar, FIRST_DAY)).sheets
    assert [line.cells[2:5] for line in sheet.lines] == [
        ("見本 花子", "ミホン ハナコ", "0250-12-3456"),
        ("見本 太郎", "ミホン タロウ", ""),
        ("見本 桜", "ミホン サクラ", "090-1234-5678"),
    ]


def test_what_looks_like_a_formula_is_a_text(cast: Cast, check_up: CheckUp) -> None:
    line = Line(("6:00", "=1+1", "#REF!", "@SUM(A1)", "0250", "○", "電話", ""), True)
    day = DaySheet("受付名簿", "きょう", ("=HYPERLINK(1)",), (Sheet("=会場/*?:", (line,), 1),))
    page = load_workbook(BytesIO(excel_of(day))).worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert [cell.value for cell in page[4]][:5] == ["6:00", "=1+1", "#REF!", "@SUM(A1)", "0250"]
    assert page.print_title_rows == "$1:$3" and page.oddFooter and page.oddFooter.center.text == "&P / &N"


def test_paper_has_the_same_people_with_a_page_for_each_venue(cast: Cast, check_up: CheckUp, client: Client) -> None:
    a_day(cast, check_up)
    client.force_login(cast.officer)
    response = download(client, "pdf")
    assert response["Content-Type"] == "application/pdf"
    first, second = words(response.content)
    assert "受付名簿" in first and "あすぱる" in first and "2027年6月7日（月）" in first and "1 / 2" in first
    assert first.index("見本 𠮷美") < first.index("見本 =1+1") < first.index("見本 七子")
    assert "川北生涯学習センター" in second and "見本 川子" in second and "2 / 2" in second
    for nobody in ("見本 仮", "見本 消"):
        assert nobody not in first + second
    resources: Any = PdfReader(BytesIO(response.content)).pages[0]["/Resources"]
    descriptors = [font.get_object().get("/FontDescriptor") for font in resources["/Font"].values()]
    embedded = [descriptor for descriptor in descriptors if descriptor]
    assert embedded and all("/FontFile2" in descriptor for descriptor in embedded)


def test_a_long_day_goes_on_over_pages_with_its_headings(cast: Cast) -> None:
    lines = tuple(
        Line(("6:00", f"A-{number}", f"見本 {number}", "ミホン", "0250", "○", "電話", ""), number % 12 == 0)
        for number in range(200)
    )
    day = DaySheet("受付名簿　総合検診", "きょう", ("胃",), (Sheet("あすぱる", lines, 200),))
    pages = words(pdf_of(day))
    assert 4 < len(pages) < 20
    assert all("確認" in page and f"{number} / {len(pages)}" in page for number, page in enumerate(pages, start=1))
    assert [number for number in range(200) if f"A-{number}\n" not in "\n".join(pages) + "\n"] == []


def test_a_character_that_the_font_lacks_is_marked_and_said(cast: Cast) -> None:
    line = Line(("6:00", "A", "辻\U000e0100 \U00012000<b>&", "", "", "ウェブ", ""), True)
    (page,) = words(pdf_of(DaySheet("受付名簿", "きょう", (), (Sheet("会場", (line,), 1),))))
    assert f"辻 {GETA}<b>&" in page and MISSING[:10] in page
    assert printable("髙﨑𠮷㋿\x00\u202e") == "髙﨑𠮷㋿"


def test_a_day_without_bookings_is_a_sheet_that_says_so(cast: Cast, check_up: CheckUp) -> None:
    empty = sheet_of(day_of(check_up.calendar, FIRST_DAY))
    assert words(pdf_of(empty)) and rows(excel_of(empty))[0][0]
    add_slots(check_up)
    (page,) = words(pdf_of(sheet_of(day_of(check_up.calendar, FIRST_DAY))))
    assert NOBODY in page


def test_many_items_still_fit_on_the_paper(cast: Cast) -> None:
    items = tuple(f"検査の項目{number}" for number in range(14))
    line = Line(
        ("6:00", "A3C4-D6E7-F", "見本 花子", "ミホン ハナコ", "0250-12-3456", *["○"] * 14, "ウェブ", "来場"), True
    )
    (page,) = words(pdf_of(DaySheet("受付名簿", "きょう", items, (Sheet("会場", (line,), 1),))))
    assert page.count("○") == 14


def test_taking_it_out_is_recorded_for_the_auditor_of_the_department(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    a_day(cast, check_up)
    client.force_login(cast.officer)
    download(client, "pdf")
    download(client, "xlsx", day=(FIRST_DAY + timedelta(days=1)).isoformat())
    first, second = ExportRecord.objects.order_by("pk")
    assert (first.user, first.department, first.format, first.rows) == (cast.officer, cast.children, "pdf", 4)
    assert first.filters == [["日", "2027-06-07"]]
    assert (second.format, second.rows) == ("xlsx", 0)
    client.force_login(cast.auditor)
    page = client.get(reverse("exports:records")).content.decode()
    assert "受付名簿　総合検診" in page and "PDF" in page and "4件" in page


@pytest.mark.parametrize("sent", [{"day": "x"}, {"day": ""}, {"format": "csv"}, {"format": "docx"}, {"format": ""}])
def test_a_sheet_of_nothing_does_not_exist(cast: Cast, check_up: CheckUp, client: Client, sent: dict[str, str]) -> None:
    client.force_login(cast.officer)
    data = {"day": FIRST_DAY.isoformat(), "format": "pdf", **sent}
    assert client.post(reverse("ledger:sheet", args=("kenshin",)), data).status_code == 404
    assert not ExportRecord.objects.exists()
