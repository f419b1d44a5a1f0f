"""出力テンプレート: the shape that a department gives to its export."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from applications.models import Application
from exports.jobs import run_due
from exports.models import ExportJob, ExportTemplate
from exports.shapes import Style, styled
from formbuilder.models import FormPage
from records.models import Look, Seen
from tests.exports.waiting import received
from tests.support.cast import SOMEBODY, Cast, item, make_form, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def make(client: Client, cast: Cast, *forms: FormPage, **more: Any) -> ExportTemplate:
    data = {
        "name": "基幹へ",
        "department": cast.children.pk,
        "form_pages": [form.pk for form in forms],
        "format": "csv",
    }
    response = client.post(reverse("exports:new_template"), {**data, **more})
    assert response.status_code == 302, response.content.decode()
    return ExportTemplate.objects.latest("pk")


def column(
    heading: str, text: str, source: str = "column", style: str = "plain", separator: str = ""
) -> dict[str, str]:
    return {"heading": heading, "text": text, "source": source, "style": style, "separator": separator}


def save(client: Client, template: ExportTemplate, *columns: dict[str, str]) -> Any:
    """The columns in place of those that are there."""
    before = len(template.columns)
    data: dict[str, Any] = {"save": "", "form-TOTAL_FORMS": before + len(columns), "form-INITIAL_FORMS": before}
    for number, old in enumerate(template.columns):
        data |= {f"form-{number}-{name}": old[name] for name in column("", "")} | {f"form-{number}-DELETE": "on"}
    for number, new in enumerate(columns, start=before):
        data |= {f"form-{number}-{name}": value for name, value in new.items()} | {f"form-{number}-order": number}
    return client.post(reverse("exports:template", args=[template.pk]), data)


def rows(client: Client, template: ExportTemplate) -> list[list[str]]:
    response = client.post(reverse("exports:template", args=[template.pk]), {"export": ""})
    assert response.status_code == 302, response.content.decode()
    run_due()
    text = received(client, ExportJob.objects.latest("pk")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def shop(cast: Cast) -> FormPage:
    ways = [{"label": "窓口", "code": "01"}, {"label": "郵送", "code": "02"}]
    items = [
        item("full_name", "氏名"),
        item("date", "生年月日"),
        item("phone", "電話"),
        item("choice", "方法", choices=ways),
        item("number", "単価"),
        item("number", "個数"),
    ]
    return make_form(cast.children, code="shop", title="申込み", steps={"内容": items})


ORDER = {
    "氏名": SOMEBODY["氏名"],
    "生年月日": "2019-05-01",
    "電話": "090-1234-5678",
    "方法": "02",
    "単価": "150",
    "個数": "3",
}


def test_columns_are_chosen_ordered_renamed_and_written_as_wanted(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    application = submit(form, ORDER)
    template = make(desk, cast, form)
    response = save(
        desk,
        template,
        column("宛名", "{氏名：姓}　{氏名：名} 様", "text"),
        column("種別", "A01", "text"),
        column("生まれ", "生年月日", style="wareki"),
        column("生年月日8桁", "生年月日", style="digits"),
        column("方法", "方法"),
        column("方法コード", "方法", style="code"),
        column("市外局番", "電話", style="first", separator="-"),
        column("残り", "電話", style="rest", separator="-"),
        column("金額", "=［単価］×［個数］", "formula"),
        column("番号", "受付番号"),
    )
    assert response.status_code == 302, response.content.decode()
    headings, row = rows(desk, template)
    assert headings == [
        "宛名",
        "種別",
        "生まれ",
        "生年月日8桁",
        "方法",
        "方法コード",
        "市外局番",
        "残り",
        "金額",
        "番号",
    ]
    assert row == [
        *("見本　花子 様", "A01", "令和元年5月1日", "20190501", "郵送", "02", "090", "1234-5678", "450"),
        application.reference,
    ]
    page = desk.get(reverse("exports:template", args=[template.pk])).content.decode()
    assert "見本　花子 様" in page and "令和元年5月1日" in page  # the preview


def test_a_new_template_has_every_column(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    submit(form, ORDER)
    headings, row = rows(desk, make(desk, cast, form))
    assert headings[:5] == ["受付番号", "受付日時", "状態", "受付方法", "版"]
    assert row[5:] == ["見本", "花子", "2019-05-01", "090-1234-5678", "郵送", "150", "3"]


def test_an_item_keeps_its_column_when_it_is_renamed_or_removed(cast: Cast, desk: Client) -> None:
    form = make_form(
        cast.children, code="v", steps={"内容": [item("text", "名前", key="n"), item("text", "旧", key="o")]}
    )
    submit(form, {"名前": "一郎", "旧": "残る"})
    template = make(desk, cast, form)
    make_form(cast.children, code="v", steps={"内容": [item("text", "お名前", key="n")]})
    submit(form, {"お名前": "二郎"})
    headings, *found = rows(desk, template)
    assert headings[5:] == ["名前", "旧"]
    assert [row[5:] for row in found] == [["一郎", "残る"], ["二郎", ""]]


def test_several_forms_are_one_table(cast: Cast, desk: Client) -> None:
    one = make_form(cast.children, code="one", title="一", steps={"内容": [item("text", "氏名"), item("text", "甲")]})
    two = make_form(cast.children, code="two", title="二", steps={"内容": [item("text", "乙"), item("text", "氏名")]})
    submit(one, {"氏名": "一郎", "甲": "1"})
    submit(two, {"氏名": "二郎", "乙": "2"})
    template = make(desk, cast, one, two)
    save(desk, template, column("氏名", "氏名"), column("甲", "甲"), column("乙", "乙"))
    assert sorted(rows(desk, template)[1:]) == [["一郎", "1", ""], ["二郎", "", "2"]]
    refused = save(desk, template, column("式", "=1+1", "formula"))
    assert refused.status_code == 400 and "一つだけ選んだとき" in refused.content.decode()


def test_a_template_makes_an_excel_file_and_filters_by_state(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    submit(form, ORDER)
    template = make(desk, cast, form, format="xlsx", statuses=["submitted"])
    desk.post(reverse("exports:template", args=[template.pk]), {"export": ""})
    run_due()
    book = load_workbook(io.BytesIO(received(desk, ExportJob.objects.get())))
    assert book.sheetnames == ["申請"] and book["申請"].max_row == 2
    ExportTemplate.objects.update(statuses=["approved"])
    response = desk.post(reverse("exports:template", args=[template.pk]), {"export": ""})
    assert response.status_code == 400 and "出力するものがありません" in response.content.decode()


def test_numbers_and_dates_of_a_template_can_be_counted_with_in_excel(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    submit(form, ORDER)
    template = make(desk, cast, form, format="xlsx")
    joined = column("両方", "{単価}", "text")
    save(desk, template, column("単価", "単価"), column("生年月日", "生年月日"), column("電話", "電話"), joined)
    desk.post(reverse("exports:template", args=[template.pk]), {"export": ""})
    run_due()
    book = load_workbook(io.BytesIO(received(desk, ExportJob.objects.get())))
    assert [cell.value for cell in book["申請"][2]] == [150, datetime(2019, 5, 1), "090-1234-5678", "150"]  # noqa: DTZ001


def test_a_template_is_used_for_the_days_that_are_wanted(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    old, new = submit(form, ORDER), submit(form, ORDER)
    Application.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=40))
    template = make(desk, cast, form)
    save(desk, template, column("番号", "受付番号"), column("電話", "電話"))
    today = timezone.localdate()

    def output(**more: str) -> Any:
        return desk.post(reverse("exports:template", args=[template.pk]), {"export": "", **more})

    for more, wanted in (
        ({"received_from": str(today - timedelta(days=1))}, [new]),
        ({"received_to": str(today - timedelta(days=1)), "once": "on"}, [old]),
        ({}, [old, new]),
    ):
        assert output(**more).status_code == 302
        run_due()
        job = ExportJob.objects.latest("pk")
        text = received(desk, job).decode("utf-8-sig")
        assert [line.split(",")[0] for line in text.split()[1:]] == [each.reference for each in wanted]
        assert job.once == ("once" in more)
    for wrong in ({"received_from": "昨日"}, {"received_from": str(today), "received_to": "2020-01-01"}):
        assert output(**wrong).status_code == 400


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (column("x", "ない列"), "ない列"),
        (column("x", "{ない}", "text"), "ない"),
        (column("x", "=［ない］", "formula"), "ない"),
        (column("x", "=1+", "formula"), ""),
        (column("x", "電話", style="first"), "区切り"),
        (column("", "電話"), ""),
        (column("電話", "電話") | {"source": "sql"}, ""),
    ],
)
def test_a_column_that_cannot_be_made_is_refused_where_it_stands(
    cast: Cast, desk: Client, bad: dict[str, str], words: str
) -> None:
    template = make(desk, cast, shop(cast))
    response = save(desk, template, bad)
    assert response.status_code == 400 and words in response.content.decode()
    before = template.columns
    template.refresh_from_db()
    assert template.columns == before


def test_two_columns_of_one_name_are_refused(cast: Cast, desk: Client) -> None:
    template = make(desk, cast, shop(cast))
    response = save(desk, template, column("x", "電話"), column("x", "単価"))
    assert response.status_code == 400 and "同じ見出し" in response.content.decode()


def test_what_waits_keeps_the_columns_that_it_was_asked_for_with(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    submit(form, ORDER)
    template = make(desk, cast, form)
    save(desk, template, column("一", "単価"))
    template.refresh_from_db()
    desk.post(reverse("exports:template", args=[template.pk]), {"export": ""})
    save(desk, template, column("二", "個数"))
    run_due()
    text = received(desk, ExportJob.objects.get()).decode("utf-8-sig")
    assert text.split() == ["一", "150"]


def test_a_template_is_ones_own_unless_it_is_shared_and_only_its_maker_changes_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    template = make(client, cast, shop(cast))
    address = reverse("exports:template", args=[template.pk])
    client.force_login(cast.exporter)
    assert client.get(address).status_code == 404
    ExportTemplate.objects.update(shared=True)
    assert client.get(address).status_code == 200
    assert save(client, template, column("x", "電話")).status_code in (302, 403)
    template.refresh_from_db()
    assert len(template.columns) > 1
    for user in (cast.other_officer, cast.auditor, cast.admin):
        client.force_login(user)
        assert client.get(address).status_code in (302, 403, 404)


def test_nobody_makes_a_template_of_a_form_of_another_department(cast: Cast, desk: Client) -> None:
    data = {"name": "x", "department": cast.children.pk, "form_pages": [cast.other_form.pk], "format": "csv"}
    assert desk.post(reverse("exports:new_template"), data).status_code == 400


def test_whose_answers_the_preview_shows_is_written_down(cast: Cast, desk: Client) -> None:
    form = shop(cast)
    template = make(desk, cast, form)
    submitted = [submit(form, ORDER) for _ in range(12)]
    assert not Look.objects.exists()
    page = desk.get(reverse("exports:template", args=[template.pk])).content.decode()
    shown = [each for each in submitted if str(each.reference) in page]
    assert len(shown) == 10
    looks = Look.objects.order_by("pk")
    assert [look.reference for look in looks] == [each.reference for each in shown]
    assert {(look.user, look.department, look.seen) for look in looks} == {(cast.officer, cast.children, Seen.SAMPLE)}


@pytest.mark.parametrize("style", Style)
def test_a_text_that_is_no_date_stays_as_it_is(style: Style) -> None:
    assert styled("来週", style, "-") in ("来週", "")
