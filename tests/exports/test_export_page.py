"""The page between the list and the file, and the record of every file."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from applications.listing import Filters
from applications.models import Application, ExportRecord, Unchangeable
from applications.references import new_reference
from applications.sheets import excel_file
from cms.models import Role
from exports import services
from exports.formats import Format
from tests.exports.reading import content, csv_rows, export, workbook
from tests.support.cast import SOMEBODY, Cast, item, make_form, make_staff, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def page(client: Client, query: str = "") -> str:
    return client.get(f"{reverse('exports:new')}{query}").content.decode()


def test_the_list_leads_to_the_export_with_its_filters(cast: Cast, desk: Client) -> None:
    html = desk.get(f"{reverse('casework:list')}?status=submitted&q=花&after=x&ordering=received_at").content.decode()
    assert f'href="{reverse("exports:new")}?status=submitted&amp;q=%E8%8A%B1"' in html


def test_who_may_only_read_is_not_offered_the_export(cast: Cast, client: Client) -> None:
    for user in (cast.auditor, cast.approver):
        client.force_login(user)
        assert f'href="{reverse("exports:new")}"' not in client.get(reverse("casework:list")).content.decode()
    client.force_login(cast.exporter)
    assert f'href="{reverse("exports:new")}"' in client.get(reverse("casework:list")).content.decode()


def test_the_page_says_what_would_go_out(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    submit(cast.form, {**SOMEBODY, "備考": "急ぎ"})
    html = page(desk, f"?form={cast.form.pk}&status=submitted&received_from=2026-01-01&q=急ぎ")
    for shown in (
        "出力する申請：1件",
        "出産応援ギフト",
        "受付済",
        "2026-01-01～",
        "急ぎ",
        "個人情報",
        "CSV（UTF-8）",
        "添付ファイルのZIP",
    ):
        assert shown in html
    assert not ExportRecord.objects.exists()  # looking is not taking


def test_nothing_to_export_is_said_and_no_file_is_made(cast: Cast, desk: Client) -> None:
    assert "この条件に合う申請はありません" in page(desk)
    for format_ in ("csv", "xlsx"):
        response = export(desk, format_)
        assert response.status_code == 400
        assert "出力するものがありません" in response.content.decode()
    assert not ExportRecord.objects.exists()


def test_csv_takes_one_form_and_says_how_to_choose_it(cast: Cast, desk: Client) -> None:
    second = make_form(cast.children, title="医療費助成", code="iryo", steps={"内容": [item("text", "理由")]})
    submit(cast.form)
    submit(second, {"理由": "転居"})
    response = export(desk, "csv", "?status=submitted")
    assert response.status_code == 400
    html = response.content.decode()
    assert "CSVには申請フォームを一つだけ出力できます" in html
    assert f'href="{reverse("exports:new")}?status=submitted&amp;form={second.pk}"' in html
    assert len(csv_rows(desk, f"?form={second.pk}")) == 2
    assert workbook(desk).sheetnames == ["出産応援ギフト", "医療費助成", "項目の一覧"]


@pytest.mark.parametrize("format_", ["", "doc", "CSV", "csv\x00"])
def test_an_unknown_format_is_refused(cast: Cast, desk: Client, format_: str) -> None:
    submit(cast.form)
    response = export(desk, format_)
    assert response.status_code == 400
    assert "形式を選んでください" in response.content.decode()


@pytest.mark.parametrize("query", ["?received_from=きのう", "?status=draft", "?received_to=2026-02-30"])
def test_a_filter_that_cannot_be_read_exports_nothing(cast: Cast, desk: Client, query: str) -> None:
    submit(cast.form)
    response = desk.post(f"{reverse('exports:new')}{query}", {"format": "csv"}, follow=True)
    assert "絞り込みの条件を読み取れませんでした" in response.content.decode()
    assert not ExportRecord.objects.exists()


@pytest.mark.parametrize("form", ["abc", "0", "999999999999999999999999", "%00"])
def test_a_form_that_is_not_there_is_not_found(cast: Cast, desk: Client, form: str) -> None:
    submit(cast.form)
    assert desk.post(f"{reverse('exports:new')}?form={form}", {"format": "csv"}).status_code == 404


def test_an_export_without_filters_has_only_the_own_departments(cast: Cast, client: Client) -> None:
    mine, other = submit(cast.form), submit(cast.other_form)
    client.force_login(cast.exporter)
    rows = csv_rows(client)
    assert [row[0] for row in rows[1:]] == [mine.reference]
    assert str(other.reference) not in str(rows)


def test_who_may_export_here_and_only_read_there_exports_from_here(cast: Cast, client: Client) -> None:
    mine = submit(cast.form)
    submit(cast.other_form)
    client.force_login(make_staff("both", (cast.children, Role.EXPORTER), (cast.waste, Role.AUDITOR)))
    assert [row[0] for row in csv_rows(client)[1:]] == [mine.reference]
    assert export(client, "csv", f"?form={cast.other_form.pk}").status_code == 400


# --- records


def test_every_export_is_recorded_for_each_form(cast: Cast, desk: Client) -> None:
    second = make_form(cast.children, title="医療費助成", code="iryo", steps={"内容": [item("text", "理由")]})
    submit(cast.form)
    submit(cast.form)
    submit(second, {"理由": "転居"})
    workbook(desk, "?status=submitted")
    gift, medical = ExportRecord.objects.order_by("form_title")
    assert (gift.user, gift.department, gift.form_title, gift.rows, gift.format) == (
        cast.officer,
        cast.children,
        "出産応援ギフト",
        2,
        "xlsx",
    )
    assert (medical.form_title, medical.rows, medical.export) == ("医療費助成", 1, gift.export)
    assert gift.filters == [["状態", "受付済"]]


def test_what_was_broken_off_half_way_is_recorded_too(cast: Cast) -> None:
    submit(cast.form)
    plan = services.plan_export(cast.officer, Filters())
    pieces = services.export(plan, Format.CSV, user=cast.officer)
    next(pieces)
    assert ExportRecord.objects.get().rows == 1


@pytest.mark.parametrize("moment", ["before the file is begun", "while it is sent"])
def test_what_arrives_after_the_count_on_a_new_version_is_in_no_file(cast: Cast, moment: str) -> None:
    first = submit(cast.form, {**SOMEBODY, "備考": "数えた"})

    def arrive() -> None:
        submit(cast.form)
        make_form(cast.children, steps={"新しい画面": [item("text", "新しい項目")]})
        submit(cast.form, {"新しい項目": "遅れて"})

    plans = {format_: services.plan_export(cast.officer, Filters()) for format_ in (Format.CSV, Format.EXCEL)}
    if moment == "before the file is begun":
        arrive()
    files = {format_: services.export(plan, format_, user=cast.officer) for format_, plan in plans.items()}
    if moment == "while it is sent":
        arrive()
    rows = list(csv.reader(io.StringIO(b"".join(files[Format.CSV]).decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(b"".join(files[Format.EXCEL])))["出産応援ギフト"]
    assert [row[0] for row in rows[1:]] == [first.reference]
    assert (sheet.max_row, sheet["A2"].value) == (2, first.reference)
    assert str(sheet.auto_filter.ref).endswith("2")
    assert {record.rows for record in ExportRecord.objects.all()} == {1}
    assert services.plan_export(cast.officer, Filters()).rows == 3


def test_a_version_without_columns_breaks_off_no_file(cast: Cast) -> None:
    counted = submit(cast.form)
    plan = services.plan_export(cast.officer, Filters())
    pieces = services.export(plan, Format.CSV, user=cast.officer)
    make_form(cast.children, steps={"新しい画面": [item("text", "新しい項目")]})
    late = submit(cast.form, {"新しい項目": "遅れて"})
    Application.objects.filter(pk=late.pk).update(received_at=counted.received_at)  # begun before, finished after
    text = b"".join(pieces).decode("utf-8-sig")
    assert str(counted.reference) in text and str(late.reference) not in text


def test_the_refusal_names_the_most_that_a_sheet_holds() -> None:
    assert f"{excel_file.MOST_ROWS:,}件まで" in services.TOO_MANY


def test_a_record_is_never_changed_nor_deleted(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    content(export(desk, "csv"))
    record = ExportRecord.objects.get()
    record.rows = 0
    for change in (
        record.save,
        record.delete,
        ExportRecord.objects.all().delete,
        lambda: ExportRecord.objects.update(rows=0),
    ):
        with pytest.raises(Unchangeable):
            change()
    assert ExportRecord.objects.get().rows == 1


def test_an_auditor_reads_the_records_of_the_own_department(cast: Cast, client: Client) -> None:
    submit(cast.form, {**SOMEBODY, "備考": "急ぎ"})
    submit(cast.other_form)
    for user in (cast.officer, cast.other_officer):
        client.force_login(user)
        content(export(client, "csv", "?status=submitted"))
    client.force_login(cast.auditor)
    html = client.get(reverse("exports:records")).content.decode()
    for shown in ("officer", "こども家庭課", "出産応援ギフト", "CSV", "1件", "状態：受付済"):
        assert shown in html
    for hidden in ("other_officer", "環境課", "粗大ごみ"):
        assert hidden not in html
    assert reverse("exports:records") in html  # the menu leads there


# --- cost


def test_the_number_of_queries_does_not_depend_on_the_number_of_applications(cast: Cast, desk: Client) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "同じ"})

    def queries(format_: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            content(export(desk, format_))
        return len(captured)

    queries("csv")
    before = {format_: queries(format_) for format_ in ("csv", "xlsx")}
    copies = []
    for number in range(999):
        copy = Application.objects.get(pk=application.pk)
        copy.pk, copy.public_id, copy.reference = None, f"copy-{number}", new_reference()
        copies.append(copy)
    Application.objects.bulk_create(copies)
    assert {format_: queries(format_) for format_ in ("csv", "xlsx")} == before
    rows = csv_rows(desk)
    assert len(rows) == 1001
    assert {row[rows[0].index("備考")] for row in rows[1:]} == {"同じ"}
