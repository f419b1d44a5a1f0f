"""結果をファイルで入れる: taken out, filled in, looked at, and taken over whole or not at all."""

import csv
import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from applications.lifecycle import move
from applications.models import Application, Delivery, Event, ExportRecord
from applications.status import Action, Status
from casework.actions import services
from casework.filling.services import carry_out_due, forget_old
from casework.filling.sheet import HEADINGS, MARK, REASON, REFERENCE, RESULT
from casework.history import history_of
from casework.models import FilledTable, TableState
from scripts.office import find
from tests.support.cast import Cast, submit

FILLING = reverse("casework:filling")
Table = list[dict[str, str]]


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.approver)
    return client


def taken(client: Client, format_: str = "csv", query: str = "") -> bytes:
    response: Any = client.post(f"{FILLING}{query}", {"format": format_})
    assert response.status_code == 200, response.content.decode()
    return b"".join(response.streaming_content)


def table_of(content: bytes) -> Table:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(table: Table, encoding: str = "utf-8-sig") -> bytes:
    file = io.StringIO()
    lines = csv.DictWriter(file, HEADINGS, lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(table)
    return file.getvalue().encode(encoding)


def send(client: Client, content: bytes, name: str = "結果.csv") -> Any:
    return client.post(FILLING, {"file": SimpleUploadedFile(name, content)})


def page(client: Client, response: Any) -> str:
    assert response.status_code == 302, response.content.decode()
    return client.get(response["Location"]).content.decode()


def confirm(client: Client, response: Any, **more: str) -> str:
    return client.post(response["Location"], more, follow=True).content.decode()


def filled(client: Client, *results: tuple[str, str]) -> Table:
    """The rows of the file, oldest first, with (結果, 理由) in them."""
    table = table_of(taken(client))
    for row, (result, reason) in zip(table, results, strict=False):
        row |= {RESULT: result, REASON: reason}
    return table


def test_what_was_written_is_looked_at_and_then_done(cast: Cast, desk: Client) -> None:
    first, second, third = (submit(cast.form) for _ in range(3))
    move(second.pk, Action.REVIEW)
    response = send(desk, written(filled(desk, ("決定", "窓口へお越しください"), ("不承認", "0012は対象外"))))
    html = page(desk, response)
    assert "次の2件が変わります。" in html and "受付済" in html and "0012は対象外" in html
    assert str(third.reference) not in html
    assert set(statuses()) == {"submitted", "in_review"} and FilledTable.objects.get().lines
    assert "2件の結果を記録しました" in confirm(desk, response, instruction="審査請求できます。")
    assert statuses() == ["approved", "rejected", "submitted"]
    approved = Event.objects.get(kind=Action.APPROVE)
    assert approved.data == {"message": "窓口へお越しください", "by": "ファイルから"}
    rejected = Event.objects.get(kind=Action.REJECT)
    assert rejected.data == {"reason": "0012は対象外", "instruction": "審査請求できます。", "by": "ファイルから"}
    assert approved.actor == rejected.actor == cast.approver
    assert history_of(first)[-1].actor == "approver（ファイルから）"
    assert FilledTable.objects.get().lines == []


def statuses() -> list[str]:
    return list(Application.objects.order_by("pk").values_list("status", flat=True))


def test_each_change_is_told_once_however_often_one_confirms(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    response = send(desk, written(filled(desk, ("決定", ""))))
    confirm(desk, response)
    told = Delivery.objects.filter(event__kind=Action.APPROVE).count()
    assert "記録しました" in confirm(desk, response)
    again = page(desk, send(desk, written(filled(desk, ("決定", "")))))
    assert "変わる申請はありません" in again
    assert Event.objects.filter(kind=Action.APPROVE).count() == 1
    assert Delivery.objects.filter(event__kind=Action.APPROVE).count() == told


def test_an_approved_case_is_completed(cast: Cast, desk: Client) -> None:
    application = submit(cast.form)
    for action in (Action.REVIEW, Action.APPROVE):
        move(application.pk, action)
    confirm(desk, send(desk, written(filled(desk, ("完了", "")))))
    assert statuses() == ["completed"]


WRONG: dict[str, tuple[Callable[[dict[str, str]], Any], str, str]] = {
    "no such word": (lambda row: row.update({RESULT: "承認"}), RESULT, "のどれかを書くか"),
    "a reason alone": (lambda row: row.update({REASON: "x"}), RESULT, "のどれかを書くか"),
    "no reason": (lambda row: row.update({RESULT: "不承認"}), REASON, "不承認の理由を書いてください"),
    "a reason nobody reads": (lambda row: row.update({RESULT: "審査中", REASON: "x"}), REASON, "空にしてください"),
    "too long": (lambda row: row.update({RESULT: "決定", REASON: "あ" * 2001}), REASON, "2,000文字以内"),
    "no way": (lambda row: row.update({RESULT: "完了"}), RESULT, "「受付済」の申請を「完了」にはできません"),
    "unknown": (lambda row: row.update({RESULT: "決定", REFERENCE: "AAAA-AAAA-A"}), REFERENCE, "見つかりません"),
    "nothing": (lambda row: row.update({RESULT: "決定", REFERENCE: ""}), REFERENCE, "見つかりません"),
    "no mark": (lambda row: row.update({RESULT: "決定", MARK: ""}), MARK, "変わりました"),
    "a formula": (lambda row: row.update({RESULT: "決定", REASON: "=1+1"}), REASON, "数式は読み取れません"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_cell_by_cell_and_nothing_is_written(cast: Cast, desk: Client, name: str) -> None:
    submit(cast.form)
    submit(cast.form)
    table = filled(desk, ("", ""), ("決定", ""))
    spoil, column, told = WRONG[name]
    spoil(table[0])
    response = send(desk, written(table))
    html = page(desk, response)
    assert "2行目" in html and f'<td class="casework-nowrap">{column}</td>' in html and told in html
    confirm(desk, response)
    assert statuses() == ["submitted", "submitted"]


def test_a_case_of_another_department_is_as_unknown_as_one_that_does_not_exist(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    other = submit(cast.other_form)
    (row,) = table_of(taken(desk))
    told = []
    for reference in (str(other.reference), "AAAA-AAAA-A"):
        html = page(desk, send(desk, written([row | {REFERENCE: reference, RESULT: "決定"}])))
        told.append(html.replace(reference, "").partition('aria-label="直すところ"')[2].partition("</table>")[0])
        assert other.applicant not in told[-1]
    assert told[0] == told[1] and "見つかりません" in told[0]


def test_the_same_case_twice_is_refused(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    (row,) = filled(desk, ("決定", ""))
    html = page(desk, send(desk, written([row, row | {RESULT: "審査中"}])))
    assert "3行目" in html and "同じ受付番号の行が2つあります" in html


@pytest.mark.parametrize("change", ["state", "answers"])
def test_a_case_that_changed_since_the_file_was_taken_is_refused(cast: Cast, desk: Client, change: str) -> None:
    application = submit(cast.form)
    content = written(filled(desk, ("決定", "")))
    if change == "state":
        move(application.pk, Action.REVIEW)
    else:
        application.revision += 1
        application.save(update_fields=["revision", "updated_at"])
    assert "取り出したあとに" in page(desk, send(desk, content))


def test_a_case_that_changes_after_the_look_keeps_everything_from_being_written(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    late = submit(cast.form)
    response = send(desk, written(filled(desk, ("決定", ""), ("決定", ""))))
    assert "2件が変わります" in page(desk, response)
    move(late.pk, Action.WITHDRAW)
    assert "何も記録していません" in confirm(desk, response)
    assert statuses() == ["submitted", "withdrawn"]


def test_a_failure_in_the_middle_leaves_nothing_behind(
    cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(cast.form)
    last = submit(cast.form)
    response = send(desk, written(filled(desk, ("決定", ""), ("決定", ""))))
    approve = services.approve

    def failing(pk: int, **given: Any) -> Application:
        if pk == last.pk:
            raise OSError("disk")
        return approve(pk, **given)

    monkeypatch.setattr(services, "approve", failing)
    assert "何も記録していません" in confirm(desk, response)
    assert statuses() == ["submitted", "submitted"] and not Event.objects.filter(kind=Action.REVIEW).exists()
    assert FilledTable.objects.get().state == TableState.FAILED


def test_many_changes_are_made_by_the_worker(cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.filling.services.AT_ONCE", 1)
    submit(cast.form)
    submit(cast.form)
    response = send(desk, written(filled(desk, ("決定", ""), ("決定", ""))))
    assert "後ろで記録しています" in confirm(desk, response)
    assert statuses() == ["submitted", "submitted"]
    assert (carry_out_due(), carry_out_due()) == (1, 0)
    assert statuses() == ["approved", "approved"]
    assert "2件の結果を記録しました" in page(desk, response)


def test_who_has_lost_the_role_since_changes_nothing(cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.filling.services.AT_ONCE", 0)
    submit(cast.form)
    confirm(desk, send(desk, written(filled(desk, ("決定", "")))))
    cast.approver.groups.clear()
    assert carry_out_due() == 1
    assert statuses() == ["submitted"]


@pytest.mark.parametrize("name", ["officer", "exporter", "auditor", "editor", "admin"])
def test_who_may_not_decide_has_no_such_page(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.approver)
    submit(cast.form)
    address = send(client, written(filled(client, ("決定", ""))))["Location"]
    client.force_login(getattr(cast, name))
    for response in (client.get(FILLING), client.post(address), client.post(FILLING, {"format": "csv"})):
        assert response.status_code in (302, 403)
    assert "結果をファイルで入れる" not in client.get(reverse("casework:list")).content.decode()
    assert statuses() == ["submitted"]


def test_another_approver_does_not_see_the_file(cast: Cast, client: Client) -> None:
    client.force_login(cast.approver)
    submit(cast.form)
    address = send(client, written(filled(client, ("決定", ""))))["Location"]
    cast.exporter.groups.set(cast.approver.groups.all())
    client.force_login(cast.exporter)
    assert client.get(address).status_code == client.post(address).status_code == 404


def test_the_file_has_what_the_list_shows_and_its_taking_is_recorded(cast: Cast, desk: Client) -> None:
    one, _ = submit(cast.form), submit(cast.form)
    submit(cast.other_form)
    (row,) = table_of(taken(desk, query=f"?q={one.reference}"))
    assert (row[REFERENCE], row["いまの状態"], row[RESULT]) == (one.reference, "受付済", "")
    record = ExportRecord.objects.get()
    assert (record.user, record.rows, record.form_title) == (cast.approver, 1, "結果の記入用")
    assert FILLING in desk.get(reverse("casework:list")).content.decode()


def test_a_file_that_nobody_confirms_is_forgotten(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    response = send(desk, written(filled(desk, ("決定", ""))))
    desk.post(response["Location"], {"forget": "1"})
    assert not FilledTable.objects.exists() and statuses() == ["submitted"]
    send(desk, written(filled(desk, ("決定", ""))))
    assert forget_old() == 0
    FilledTable.objects.update(created_at="2026-01-01T00:00:00Z")
    assert forget_old() == 1


# --- the files themselves


def excel(table: Table) -> bytes:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(HEADINGS)
    for row in table:
        book.active.append([row[name] for name in HEADINGS])
    book.save(file)
    return file.getvalue()


def test_the_excel_file_comes_back_as_it_went_out(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    book = load_workbook(io.BytesIO(taken(desk, "xlsx")))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    sheet["G2"], sheet["H2"] = "不承認", "00123\n二行目"
    file = io.BytesIO()
    book.save(file)
    response = send(desk, file.getvalue(), "結果.xlsx")
    assert "00123" in page(desk, response)
    confirm(desk, response)
    assert Event.objects.get(kind=Action.REJECT).data["reason"].startswith("00123")


def test_shift_jis_is_read_too(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    confirm(desk, send(desk, written(filled(desk, ("不承認", "髙﨑様①")), "cp932")))
    assert Event.objects.get(kind=Action.REJECT).data["reason"] == "髙﨑様①"
    assert taken(desk, "csv_cp932").decode("cp932").startswith(REFERENCE)


def bomb() -> bytes:
    """Two hundred megabytes of nothing in some kilobytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return file.getvalue()


def far_away() -> bytes:
    """A cell in the last row of a sheet."""
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(HEADINGS)
    book.active.cell(1_000_000, 1, "x")
    book.save(file)
    return file.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bomb, "シートの中身が大きすぎます"),
    "a million rows": (far_away, "シートの中身が大きすぎます"),
    "a broken book": (lambda: b"PK\x03\x04 nothing", "Excelファイル（.xlsx）として読めません"),
    "no text": (lambda: b"\x81\x20\x81\x20", "文字コードが分かりません"),
    "other headings": (lambda: "氏名,結果\r\n見本,決定\r\n".encode(), "の見出しがありません"),
    "a heading twice": (lambda: ",".join([*HEADINGS, RESULT]).encode(), "見出しが2つあります"),
    "nothing but a mark": (lambda: b"\xef\xbb\xbf", "の見出しがありません"),
    "too many": (lambda: written([dict.fromkeys(HEADINGS, "x")] * 5_001), "5,000件までです"),
    "too large": (lambda: b"x" * (5 * 1024 * 1024 + 1), "5MBを超えています"),
    "an endless cell": (lambda: (",".join(HEADINGS) + '\r\n"' + "x" * 200_000).encode(), "CSVとして読めません"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_such_file_is_refused_with_what_to_do(cast: Cast, desk: Client, name: str) -> None:
    make, told = HOSTILE[name]
    response = send(desk, make(), "結果.xlsx")
    assert response.status_code == 400 and told in response.content.decode()
    assert not FilledTable.objects.exists()


def test_a_formula_of_excel_is_refused(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    html = page(desk, send(desk, excel(filled(desk, ("決定", '=HYPERLINK("http://example.jp")'))), "結果.xlsx"))
    assert "数式は読み取れません" in html


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"])
def test_what_libreoffice_saves_is_read(cast: Cast, desk: Client, tmp_path: Path, kind: str) -> None:
    for _ in range(2):
        submit(cast.form)
    book = load_workbook(io.BytesIO(taken(desk, "xlsx")))
    sheet = book.worksheets[0]
    sheet["G2"], sheet["G3"], sheet["H3"] = "決定", "不承認", "0012、𠮷野 髙﨑"
    book.save(tmp_path / "sent.xlsx")
    command = [find(), f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--norestore"]
    command += ["--convert-to", kind, "--outdir", str(tmp_path / "out"), str(tmp_path / "sent.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=150)
    (saved,) = (tmp_path / "out").iterdir()
    confirm(desk, send(desk, saved.read_bytes(), saved.name))
    assert statuses() == [Status.APPROVED, Status.REJECTED]
    assert Event.objects.get(kind=Action.REJECT).data["reason"] == "0012、𠮷野 髙﨑"
