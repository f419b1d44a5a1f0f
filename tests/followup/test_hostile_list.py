"""What somebody who means harm tries, one line each: refused, logged without a name, and nothing of anybody lost.

The depth is elsewhere: tests/applications/test_hostile_requests.py and test_uploads*.py, tests/formbuilder/uploads,
tests/followup/test_status_codes.py, tests/identity/test_attacks*.py.
"""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from applications.limits import Limit
from applications.models import Application, Attachment, Quarantined
from applications.references import new_reference
from followup import codes, limits
from formbuilder.models import FormPage
from formbuilder.translation_sheet import SheetRefused, read_sheet
from tests.applications.residents import APPLICANT, STEPS, Resident, errors_of, photo, text_of
from tests.applications.sending import names, upload
from tests.followup.following import arrived, ask, enter, link_in, newest_digits, newest_mail, wrong
from tests.formbuilder.uploads.samples import corners, deflated_zeros, jpeg, pdf, png_chunk, png_of_chunks, raw_pdf
from tests.formbuilder.uploads.test_scanner import EICAR, listening, says
from tests.support.cast import Cast, item, make_form

MEGABYTE = 1024 * 1024
KEPT = {**APPLICANT, "多胎": False}


@pytest.fixture
def form(cast: Cast) -> FormPage:
    steps = {**STEPS, "妊娠": [item("yes_no", "多胎"), item("file", "書類", max_files=5, max_mb=10)]}
    return make_form(cast.children, steps=steps)


@pytest.fixture
def resident(form: FormPage) -> Iterator[Resident]:
    """With a draft that has answers and a file; afterwards it still has them, whatever was tried."""
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    resident.fill("2", {"多胎": False, "書類": [photo("表紙.jpg")]})
    before = Attachment.objects.get().sha256
    yield resident
    assert {name: answer for name, answer in resident.answers.items() if name != "書類"} == KEPT
    assert resident.draft.attachments.order_by("pk")[0].sha256 == before


def zipped(name: str, size: int) -> bytes:
    """An archive of one file of zeros: a thousandth of its size."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w", force_zip64=True) as inside:
            for _ in range(size // MEGABYTE):
                inside.write(bytes(MEGABYTE))
    return output.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(document.cookie)</script></svg>'
SCRIPT_PDF = raw_pdf(
    b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
    b"<< /Type /Pages /Kids [] /Count 0 >>",
)
UPLOADS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a GIF that is a script": ("表紙.jpg", lambda: b"GIF89a/*" + bytes(90) + b"*/=alert(1)//;", "GIF"),
    "a page that is a PDF further down": ("通帳.pdf", lambda: b"<html><script>x()</script>" + pdf(), "添付できません"),
    "a PDF that is an archive too": ("通帳.pdf", lambda: pdf() + zipped("x.txt", MEGABYTE), "読み取れません"),
    "a PDF that runs a script when opened": ("通帳.pdf", lambda: SCRIPT_PDF, "PDF"),
    "an SVG with a script": ("図.svg", lambda: SVG, "SVG"),
    "an SVG with a script, called a photo": ("図.jpg", lambda: SVG, "SVG"),
    "a page, called a photo": ("写真.png", lambda: b"<!doctype html><script>alert(1)</script>", "HTML"),
    "a zip bomb": ("資料.zip", lambda: zipped("zeros", 40 * MEGABYTE), "ZIP"),
    "a zip bomb, called a photo": ("写真.jpg", lambda: zipped("zeros", 40 * MEGABYTE), "ZIP"),
    "a Word bomb": ("申請.docx", lambda: zipped("word/document.xml", 40 * MEGABYTE), "添付できません"),
    "an Excel bomb": ("名簿.xlsx", lambda: zipped("xl/sharedStrings.xml", 40 * MEGABYTE), "添付できません"),
    "20,000 × 20,000 pixels": (
        "大.png",
        lambda: png_of_chunks(20_000, 20_000, png_chunk(b"IDAT", deflated_zeros(16))),
        "画素",
    ),
    "20,000 × 20,000 pixels as JPEG": (
        "大.jpg",
        lambda: jpeg(corners()).replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 20_000, 20_000), 1),
        "画素",
    ),
    "EICAR": ("eicar.com", lambda: EICAR, "添付できません"),
    "EICAR, called a photo": ("eicar.jpg", lambda: EICAR, "添付できません"),
    "a program, called a photo": ("写真.jpg", lambda: b"MZ\x90\x00" + bytes(300), "添付できません"),
    "a program with two endings": ("通帳.pdf.exe", lambda: b"MZ\x90\x00" + bytes(300), "添付できません"),
    "a video, called a photo": ("写真.heic", lambda: b"\0\0\0\x18ftypmp42" + bytes(300), "添付できません"),
    "nothing": ("写真.jpg", lambda: b"", "空です"),
}


@pytest.mark.parametrize(("name", "made", "told"), UPLOADS.values(), ids=UPLOADS.keys())
def test_a_hostile_file_is_refused_and_logged_without_its_name(
    resident: Resident, caplog: pytest.LogCaptureFixture, name: str, made: Callable[[], bytes], told: str
) -> None:
    content = made()
    tracemalloc.start()
    try:
        page = resident.fill("2", {"多胎": False, "書類": [upload(content, name)]})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    (line,) = errors_of(page)
    assert told in line
    assert names(resident) == ["表紙.jpg"]
    assert "an upload was refused" in caplog.text and name.partition(".")[0] not in caplog.text
    assert peak < 32 * MEGABYTE  # nothing was unpacked


def test_what_hides_in_a_photo_does_not_arrive(resident: Resident) -> None:
    hidden = b"<script>alert(1)</script>"
    polyglot = jpeg(corners(50, 50), comment=hidden) + hidden + zipped("x.txt", MEGABYTE)
    resident.fill("2", {"多胎": False, "書類": [upload(polyglot, "写真.html")]})
    (name,) = [name for name in names(resident) if name != "表紙.jpg"]
    kept = resident.draft.attachments.get(name=name)
    assert name == "写真.jpg" and kept.content_type == "image/jpeg"  # the content decides, whatever the ending says
    with kept.file.open("rb") as file:
        assert b"script" not in file.read()


def test_what_the_scanner_finds_is_put_aside_and_logged(
    resident: Resident, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(says(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as address:
        settings.UPLOAD_SCANNER = address
        page = resident.fill("2", {"多胎": False, "書類": [upload(pdf(), "通帳.pdf")]})
    assert "ウイルスの疑い" in errors_of(page)[0]
    assert Quarantined.objects.get().state == "infected" and names(resident) == ["表紙.jpg"]
    assert "infected" in caplog.text and "通帳" not in caplog.text


def test_an_excel_bomb_from_staff_is_not_unpacked_either() -> None:
    bomb = zipped("xl/sharedStrings.xml", 60 * MEGABYTE)
    tracemalloc.start()
    try:
        with pytest.raises(SheetRefused, match="中身が大きすぎます"):
            read_sheet(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


# --- enumeration


def test_a_number_that_exists_is_answered_like_one_that_does_not(cast: Cast) -> None:
    answers = [ask(Client(), number) for number in (str(arrived(cast.form).reference), new_reference())]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/status/code/")}


def test_neither_drafts_nor_files_can_be_counted_through(resident: Resident, form: FormPage) -> None:
    draft, file = resident.draft, resident.draft.attachments.get()
    stranger = Client()
    for name in (file.public_id, str(file.pk), str(file.pk + 1), file.public_id[:-1] + "A", draft.public_id):
        assert stranger.get(f"/apply/{form.code}/files/{name}/").status_code == 404
    for key in (draft.public_id, f"{draft.public_id}.x", f"{draft.pk}.x", "1"):
        stranger.cookies[f"mg-{form.code}"] = key
        assert "見本" not in text_of(stranger.get(f"/apply/{form.code}/1/"))


def test_an_application_shows_itself_to_no_other_department(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    address = reverse("casework:case", args=(application.public_id,))
    client.force_login(cast.officer)
    assert client.get(address).status_code == 200
    client.force_login(cast.other_officer)
    assert client.get(address).status_code == 404  # as if it did not exist
    assert client.get(reverse("casework:case", args=("x" * len(application.public_id),))).status_code == 404


# --- brute force


def test_five_wrong_codes_end_a_code_for_its_owner_too_and_are_logged(
    cast: Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    application = arrived(cast.form)
    ask(client, application.reference)
    digits = newest_digits()
    for _ in range(codes.TRIES):
        client.post("/status/code/", {"digits": wrong(digits)})
    assert client.post("/status/code/", {"digits": digits}).status_code == 200
    assert client.get("/status/application/").status_code == 302
    assert "a code that is wrong" in caplog.text
    assert digits not in caplog.text and str(application.reference) not in caplog.text


def test_who_guesses_numbers_to_carry_on_with_is_soon_not_heard(
    resident: Resident, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limits, "GUESSES_OF_NETWORK", Limit("guess", 3))
    answers = [Client().post("/continue/", {"number": f"ABCDE-2345{n}"}).status_code for n in range(2, 7)]
    assert answers == [200, 200, 200, 429, 429]
    assert "too often within the limit guess" in caplog.text and "ABCDE" not in caplog.text


def test_who_asks_for_codes_without_end_sends_no_mail_without_end(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    reference = str(arrived(cast.form).reference)
    answers = [ask(Client(), reference).status_code for _ in range(8)]
    assert answers == [302] * limits.MAILS_OF_APPLICATION.most + [429] * 2
    assert "too often within the limit application" in caplog.text and reference not in caplog.text


# --- links that lead elsewhere, come from elsewhere, or come twice


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_nothing_leads_to_another_site(resident: Resident, caplog: pytest.LogCaptureFixture, page: str) -> None:
    response = resident.client.post("/language/", {"language": "en", "page": page})
    assert response["Location"] == "/"
    assert "another site" in caplog.text and "evil" not in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example"])
def test_a_foreign_host_is_never_written_into_a_page_or_a_mail(
    resident: Resident, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    answer = resident.client.post(resident.url("later"), {"mail": "hanako@example.jp"}, headers={"host": host})
    assert answer.status_code == 400 and "evil" not in answer.content.decode()
    assert "Invalid HTTP_HOST" in caplog.text
    resident.post("later", {"mail": "hanako@example.jp"})
    assert "evil" not in str(newest_mail().body)


def test_a_page_of_another_site_sends_nothing(resident: Resident, caplog: pytest.LogCaptureFixture) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[f"mg-{resident.code}"] = resident.key
    for place in ("1", "check", "later", "uploads"):
        assert strict.post(resident.url(place), {"action": "next"}).status_code == 403, place
    assert "Forbidden" in caplog.text


def test_a_link_from_a_mail_opens_one_device_and_then_no_other(
    resident: Resident, caplog: pytest.LogCaptureFixture
) -> None:
    resident.post("later", {"mail": "hanako@example.jp"})
    link = link_in(str(newest_mail().body))
    assert Client().post(link).status_code == 302
    replayed = Client()
    assert "見本" not in text_of(replayed.post(link, follow=True))
    assert f"mg-{resident.code}" not in replayed.cookies
    assert "has opened a device already" in caplog.text and link not in caplog.text


def test_a_link_that_was_changed_opens_nothing(resident: Resident, caplog: pytest.LogCaptureFixture) -> None:
    resident.post("later", {"mail": "hanako@example.jp"})
    link = link_in(str(newest_mail().body)).rstrip("/")
    for changed in (link[:-1] + ("A" if link[-1] != "A" else "B"), link + "x", link.replace(resident.code, "other")):
        assert Client().post(f"{changed}/").status_code == 404
    assert "not ours" in caplog.text


def test_a_code_from_a_mail_opens_once(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    enter(client, application)
    used = {"digits": newest_digits()}
    thief = Client()
    ask(thief, application.reference)
    assert thief.post("/status/code/", used).status_code == 200
    assert thief.get("/status/application/").status_code == 302
    assert Application.objects.get(pk=application.pk).status == application.status
