"""The other formats: CP932 with its report, PDF, ZIP, JSON."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from applications.models import Application, Attachment
from applications.sheets.csv_file import Encoding, Replaced, csv_pieces
from exports.file_names import BadPattern, check_pattern, named, safe_part
from tests.exports.waiting import make, received
from tests.support.cast import SOMEBODY, Cast, item, key_of, make_form, submit

from django.urls import reverse  # isort: skip


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def attach(application: Application, name: str, key: str, content: bytes = b"%PDF-1.4") -> None:
    file = Attachment(application=application, field_key=key, name=name, content_type="application/pdf", size=8)
    file.sha256 = "0" * 64
    file.file.save(name, ContentFile(content))


def table(body: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(encoding), newline="")))


# --- CP932


def test_cp932_says_which_characters_it_could_not_write(cast: Cast, desk: Client) -> None:
    first = submit(cast.form, {**SOMEBODY, "備考": "髙﨑①㈱"})
    second = submit(cast.form, {**SOMEBODY, "備考": "𠮷野家〜"})
    job = make(desk, "csv_cp932")
    headings, *rows = table(received(desk, job), "cp932")
    assert [row[headings.index("備考")] for row in rows] == ["髙﨑①㈱", "〓野家～"]
    assert job.replaced == 2
    report = table(b"".join(desk.get(reverse("exports:job_report", args=[job.public_id]))), "utf-8-sig")
    assert report == [
        ["行", "受付番号", "列", "元の文字", "文字コード", "書き込んだ文字"],
        ["3", second.reference, "備考", "𠮷", "U+20BB7", "〓"],
        ["3", second.reference, "備考", "〜", "U+301C", "～"],
    ]
    assert first.reference == rows[0][0]
    assert "置き換えた文字の一覧" in desk.get(reverse("exports:job", args=[job.public_id])).content.decode()


def test_cp932_without_a_replaced_character_has_no_report(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = make(desk, "csv_cp932")
    assert (job.replaced, bool(job.report)) == (0, False)
    assert desk.get(reverse("exports:job_report", args=[job.public_id])).status_code == 404


def test_plain_utf8_has_no_mark(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    body = received(desk, make(desk, "csv_utf8"))
    assert body.startswith("受付番号,".encode())


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00")), min_size=2, max_size=2), max_size=4))
def test_cp932_reads_back_as_written_but_for_what_was_reported(rows: list[list[str]]) -> None:
    told: list[Replaced] = []
    pieces = csv_pieces(["一", "二"], rows, Encoding.CP932, lambda replaced, cells: told.append(replaced))
    back = table(b"".join(pieces), "cp932")[1:]
    replaced = {(each.line - 2, each.column) for each in told}
    for line, (before, after) in enumerate(zip(rows, back, strict=True)):
        for column, (given_, found) in enumerate(zip(before, after, strict=True)):
            if (line, column) not in replaced:
                assert found in (given_, f"'{given_}")


# --- PDF


def test_a_pdf_has_every_case_on_pages_of_its_own(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="long", steps={"内容": [item("full_name", "氏名"), item("textarea", "備考")]})
    notes = ("𠮷<b>", "二行\n目" * 450)
    references = [str(submit(form, {"氏名": SOMEBODY["氏名"], "備考": note}).reference) for note in notes]
    body = received(desk, make(desk, "pdf"))
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    assert references[0] in texts[0] and "見本 花子" in texts[0].replace("　", " ") and "<b>" in texts[0]
    assert len(texts) > 2
    assert all(references[1] in text for text in texts[1:])
    assert sum("出産応援ギフト" in text for text in texts) == len(texts)


# --- ZIP


def test_a_zip_has_every_file_under_its_number_and_a_list(cast: Cast, desk: Client) -> None:
    form = make_form(cast.children, code="files", steps={"添付": [item("file", "写し", required=False, max_files=3)]})
    application = submit(form, {})
    for name in ("../../etc/passwd", "通帳.pdf", "通帳.PDF"):
        attach(application, name, key_of("写し"))
    ids = [file.public_id for file in application.attachments.all()]
    Application.objects.filter(pk=application.pk).update(answers={key_of("写し"): ids})
    with zipfile.ZipFile(io.BytesIO(received(desk, make(desk, "zip")))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[:3] == [
            f"{application.reference}/写し_..＿..＿etc＿passwd",
            f"{application.reference}/写し_通帳.pdf",
            f"{application.reference}/写し_通帳（2）.PDF",
        ]
        assert "通帳.pdf" in archive.read("一覧.txt").decode("utf-8-sig")
        assert archive.read(names[1]) == b"%PDF-1.4"


def test_a_pattern_names_the_files_and_an_unknown_place_is_refused(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    with zipfile.ZipFile(io.BytesIO(received(desk, make(desk, "zip", pattern="{受付日}_{申請者}")))) as archive:
        assert archive.namelist() == ["一覧.txt"]
    response = desk.post(reverse("exports:new"), {"format": "zip", "pattern": "{秘密}"})
    assert response.status_code == 400 and "{秘密}は使えません" in response.content.decode()
    for bad in ("", "/", "{受付番号", "x" * 201):
        with pytest.raises(BadPattern):
            check_pattern(bad)


@given(
    st.lists(st.text(), min_size=1, max_size=5), st.sampled_from(["{ファイル名}", "{申請者}/{ファイル名}", "{項目}"])
)
def test_no_name_leads_out_of_the_folder_and_none_comes_twice(names: list[str], pattern: str) -> None:
    taken: set[str] = set()
    made = [named(pattern, {"ファイル名": name, "申請者": name, "項目": name}, taken) for name in names]
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        parts = name.split("/")
        assert all(part not in ("", ".", "..") and not part.endswith((" ", ".")) for part in parts)
        assert not set(name) & set('\\:*?"<>|\x00\n')


@pytest.mark.parametrize(
    ("text", "safe"), [("CON.txt", "_CON.txt"), ("..", "名前なし"), ("a/b", "a＿b"), (" x. ", "x")]
)
def test_a_part_of_a_name_is_what_windows_takes(text: str, safe: str) -> None:
    assert safe_part(text) == safe


# --- JSON


def test_json_has_who_applies_apart_from_what_for(cast: Cast, desk: Client) -> None:
    steps: Any = {"内容": [*(item(t, n) for t, n in WHO), item("address", "住所"), item("number", "人数")]}
    form = make_form(cast.children, code="gif", steps=steps)
    address = {
        "postcode": "9518550",
        "prefecture": "新潟県",
        "city": "新潟市中央区",
        "town": "学校町通1番町602-1",
        "building": "",
    }
    answers = {**SOMEBODY, "生年月日": "1990-02-03", "住所": address, "人数": "2"}
    application = submit(form, answers)
    data = json.loads(received(desk, make(desk, "json")))
    (found,) = data["applications"]
    assert found["受付番号"] == application.reference
    assert found["受付日時"].endswith("+09:00")
    who = found["A票"]["申請者"]
    assert who["氏名"] == {"氏": "見本", "名": "花子", "連結": "見本 花子"}
    assert who["生年月日"] == "1990-02-03"
    assert who["住所"]["連結"] == "新潟県新潟市中央区学校町通1番町602-1"
    assert who["住所"]["郵便番号"] == "9518550"
    contents = {each["項目名"]: each for each in found["B票"]["内容"]}
    assert (contents["人数"]["値"], contents["人数"]["種類"]) == ("2", "number")
    assert found["B票"]["手続コード"] == "gif"


WHO = [("full_name", "氏名"), ("kana_name", "フリガナ"), ("date", "生年月日")]
