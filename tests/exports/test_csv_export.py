"""The CSV of a form, parsed back."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from applications.models import Application, Attachment, Channel
from tests.exports.reading import content, csv_rows, csv_table, export, file_name
from tests.support.cast import SOMEBODY, Cast, item, key_of, make_form, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def test_the_file_is_what_japanese_excel_opens_with_a_double_click(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    response = export(desk, "csv")
    body = content(response)
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.endswith(b"\r\n")
    assert body.count(b"\n") == body.count(b"\r\n") == 2
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_the_name_of_the_file_is_japanese_and_has_the_date(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    response = export(desk, "csv")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert file_name(response) == f"申請_出産応援ギフト_{timezone.localdate():%Y%m%d}.csv"
    content(response)


def test_what_windows_forbids_is_not_in_the_name(cast: Cast, desk: Client) -> None:
    submit(make_form(cast.children, code="odd", title='支給/変更:「A"B」?\r\n<1>|*'))
    response = export(desk, "csv")
    assert "\n" not in response["Content-Disposition"]
    assert file_name(response).startswith("申請_支給＿変更＿「A＿B」＿")
    content(response)


def test_an_application_is_a_row_and_begins_with_what_the_desk_knows(cast: Cast, desk: Client) -> None:
    application = submit(cast.form, channel=Channel.COUNTER)
    moment = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
    Application.objects.update(received_at=moment)
    headings, row = csv_rows(desk)
    assert headings[:5] == ["受付番号", "受付日時", "状態", "受付方法", "版"]
    assert row[:5] == [application.reference, "2026-11-22 18:05:09", "受付済", "窓口", "第1版"]


def test_every_answer_has_its_column_in_the_order_of_the_form(cast: Cast, desk: Client) -> None:
    account = {
        "bank_code": "0140",
        "bank_name": "みほん銀行",
        "branch_code": "001",
        "branch_name": "本店",
        "kind": "1",
        "number": "0012345",
        "holder": "ﾐﾎﾝ ﾊﾅｺ",
    }
    submit(cast.form, {**SOMEBODY, "電話番号": "090-1234-5678", "振込先": account})
    headings, row = csv_rows(desk)
    assert dict(zip(headings[5:], row[5:], strict=True)) == {
        "氏名：姓": "見本",
        "氏名：名": "花子",
        "フリガナ：セイ": "ミホン",
        "フリガナ：メイ": "ハナコ",
        "メールアドレス": "",
        "電話番号": "090-1234-5678",
        "備考": "",
        "振込先：金融機関コード": "0140",
        "振込先：金融機関名": "みほん銀行",
        "振込先：支店コード": "001",
        "振込先：支店名": "本店",
        "振込先：種別": "普通",
        "振込先：口座番号": "0012345",
        "振込先：名義": "ﾐﾎﾝ ﾊﾅｺ",
    }


def test_an_option_is_written_in_words_and_not_as_its_code(cast: Cast, desk: Client) -> None:
    ways = [{"label": "公金受取口座を利用する", "code": "koukin"}, {"label": "口座を指定する", "code": "shitei"}]
    items = [item("choice", "受取方法", choices=ways), item("choices", "使うもの", choices=ways)]
    submit(
        make_form(cast.children, code="ways", steps={"内容": items}),
        {"受取方法": "shitei", "使うもの": ["koukin", "shitei"]},
    )
    row = csv_table(desk)[0]
    assert (row["受取方法"], row["使うもの"]) == ("口座を指定する", "公金受取口座を利用する、口座を指定する")


ANSWERS = ["007", "𠮷野家 葛󠄀城 ㈱😀", 'カンマ,と"引用符"', "一行目\n二行目", "、" * 2000, "0.10", "1e5", "TRUE"]


def test_an_answer_comes_back_as_it_was_given(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="long", steps={"内容": [item("textarea", "伝えたいこと")]})
    for answer in ANSWERS:
        submit(form, {"伝えたいこと": answer})
    assert [row["伝えたいこと"] for row in csv_table(desk)] == ANSWERS


def test_a_formula_stays_text(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="long", title="=1+1", steps={"内容": [item("textarea", "=2+2")]})
    submit(form, {"=2+2": '=HYPERLINK("http://example.jp")'})
    headings, row = csv_rows(desk)
    assert (headings[-1], row[-1]) == ("'=2+2", '\'=HYPERLINK("http://example.jp")')


def test_files_are_named_as_the_resident_named_them(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="files", steps={"添付": [item("file", "写し", required=False, max_files=2)]})
    application = submit(form, {})
    ids = []
    for name in ("通帳.pdf", "裏面.pdf"):
        file = Attachment.objects.create(
            application=application, field_key=key_of("写し"), file="x", name=name, content_type="x", size=1, sha256="0"
        )
        ids.append(file.public_id)
    Application.objects.filter(pk=application.pk).update(answers={key_of("写し"): ids})
    submit(form, {})
    assert [row["写し"] for row in csv_table(desk)] == ["通帳.pdf\n裏面.pdf", ""]


def test_an_answer_that_cannot_be_opened_does_not_stop_the_others(
    cast: Cast, desk: Client, settings: LazySettings
) -> None:
    submit(cast.form, {**SOMEBODY, "備考": "読める"})
    form = make_form(
        cast.children, code="secret", steps={"内容": [item("text", "秘密", sensitive=True), item("text", "備考")]}
    )
    submit(form, {"秘密": "ひみつ", "備考": "読める"})
    assert csv_table(desk, f"?form={form.pk}")[0]["秘密"] == "ひみつ"
    settings.VAULT_KEYS = ["another key"]
    row = csv_table(desk, f"?form={form.pk}")[0]
    assert (row["秘密"], row["備考"]) == ("（暗号を解けません）", "読める")


def test_the_export_has_what_the_filters_of_the_list_let_through(cast: Cast, desk: Client) -> None:
    submit(cast.form, {**SOMEBODY, "備考": "急ぎ"})
    submit(cast.form)
    submit(cast.other_form)
    assert [row["備考"] for row in csv_table(desk, "?q=急ぎ")] == ["急ぎ"]
    assert len(csv_table(desk)) == 2


def test_nobody_exports_without_an_account(cast: Cast, client: Client) -> None:
    submit(cast.form)
    response = export(client, "csv")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")
