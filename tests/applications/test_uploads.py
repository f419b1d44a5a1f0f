"""Files on a resident's path: what is good is kept, what is not is said in Japanese, and nothing else is lost."""

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from applications import uploads
from applications.models import Application, Attachment
from applications.services import attach, detach, keep_answers
from formbuilder.models import FormPage
from formbuilder.uploads.inspect import CheckedFile, Upload, inspect_upload
from formbuilder.uploads.policy import MEGABYTE, UploadPolicy
from tests.applications.residents import ACCOUNT, APPLICANT, STEPS, Resident, errors_of, leads_to, photo, text_of
from tests.applications.sending import names, upload
from tests.formbuilder.uploads.samples import corners, heic, inspected, jpeg, noise, pdf, png, png_of_chunks
from tests.formbuilder.uploads.test_scanner import hangs_up, listening, says, scans_like_clamd
from tests.support.cast import Cast, item, key_of, make_cast, make_form

COVER = f"f-{key_of('表紙')}"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    return resident


# --- what can be taken


@pytest.mark.parametrize(("content", "kind"), [(jpeg(), "image/jpeg"), (png(), "image/png"), (heic(), "image/jpeg")])
def test_a_photograph_is_kept_and_listed(resident: Resident, content: bytes, kind: str) -> None:
    assert leads_to(resident.fill("2", {"多胎": False, "表紙": [upload(content)]})) == "3"
    (attachment,) = resident.draft.attachments.all()
    assert resident.answers["表紙"] == [attachment.public_id]
    assert attachment.content_type == kind
    assert attachment.name in text_of(resident.get("2"))
    assert attachment.file.size == attachment.size


def test_a_file_is_kept_under_a_name_that_says_nothing(resident: Resident) -> None:
    resident.fill("2", {"表紙": [photo("見本花子の母子手帳.jpg")]})
    attachment = resident.draft.attachments.get()
    assert "見本" not in str(attachment.file.name)
    assert attachment.name == "見本花子の母子手帳.jpg"
    assert Path(attachment.file.path).stat().st_mode & 0o777 == 0o600


def test_two_files_may_come_one_after_the_other(resident: Resident) -> None:
    resident.fill("2", {"表紙": [photo("一.jpg", "red")]})
    resident.fill("2", {"多胎": False, "表紙": [photo("二.jpg", "blue")]})
    assert names(resident) == ["一.jpg", "二.jpg"]


def test_a_good_file_is_kept_although_something_else_is_wrong(resident: Resident) -> None:
    page = resident.fill("2", {"多胎": True, "胎児の数": "9", "表紙": [photo()]})
    assert len(errors_of(page)) == 1
    assert "表紙.jpg" in text_of(page)
    assert names(resident) == ["表紙.jpg"]


def test_a_file_is_kept_when_the_resident_goes_back(resident: Resident) -> None:
    assert leads_to(resident.fill("2", {"表紙": [photo()]}, action="back")) == "1"
    assert names(resident) == ["表紙.jpg"]


def test_a_file_may_be_the_first_thing_of_all(cast: Cast) -> None:
    """There is no draft yet."""
    resident = Resident(make_form(cast.children, steps={"書類": [item("file", "書類"), item("text", "備考")]}))
    page = resident.fill("1", {"書類": [upload(pdf(), "証明.pdf")], "備考": ""})
    assert len(errors_of(page)) == 1
    assert names(resident) == ["証明.pdf"]
    assert Application.objects.count() == 1
    assert leads_to(resident.fill("1", {"備考": "x"})) == "check"


def test_a_double_tap_keeps_a_file_once(resident: Resident) -> None:
    for _ in range(2):
        resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert names(resident) == ["表紙.jpg"]


def test_the_same_file_twice_in_one_go_is_one_file(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo("一.jpg"), photo("二.jpg")]})
    assert names(resident) == ["一.jpg"]


# --- removing


@pytest.mark.django_db(transaction=True)
def test_a_file_is_removed_with_what_lies_on_the_disk_and_can_be_added_again(stored: Callable[[], int]) -> None:
    resident = resident_with_a_photo()
    assert stored() == 1
    (file,) = resident.answers["表紙"]
    response = resident.fill("2", {"多胎": True, "胎児の数": "二"}, action="", remove=file)
    assert leads_to(response) == "2"  # and no word of the file that is missing now
    assert stored() == 0
    assert "表紙" not in resident.answers
    assert resident.answers["多胎"] is True
    assert resident.unfinished == {"胎児の数": "二"}
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert names(resident) == ["表紙.jpg"]
    assert leads_to(resident.get()) == "3"


def resident_with_a_photo() -> Resident:
    cast = make_cast()
    resident = Resident(make_form(cast.children, steps=STEPS))
    resident.fill("1", APPLICANT)
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    return resident


def test_a_file_can_be_replaced_in_one_go(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo("古.jpg", "red")]})
    (file,) = resident.answers["表紙"]
    newer = {"多胎": False, "表紙": [photo("新.jpg", "blue")]}
    assert leads_to(resident.fill("2", newer, action="", remove=file)) == "2"
    assert names(resident) == ["新.jpg"]


@pytest.mark.parametrize("nonsense", ["x", "\x00", "A" * 22, "'; DROP TABLE", "𠮷" * 9000])
def test_removing_what_is_not_there_changes_nothing(resident: Resident, nonsense: str) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert leads_to(resident.fill("2", {"多胎": False}, action="", remove=nonsense)) == "2"
    assert names(resident) == ["表紙.jpg"]


def test_removing_before_there_is_a_draft_begins_none(form: FormPage) -> None:
    resident = Resident(form, Client())
    assert leads_to(resident.post("1", {"remove": "A" * 22})) == "1"
    assert resident.draft.answers == {}


def test_a_page_that_is_still_open_does_not_bring_a_removed_file_back(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    (file,) = resident.answers["表紙"]
    detach(resident.draft.pk, public_id=file)  # in another window
    resident.fill("2", {"多胎": False})
    assert "表紙" not in resident.answers


def test_files_that_arrive_at_the_same_time_do_not_undo_each_other(resident: Resident) -> None:
    """What a request read of the list of files before another added to it is not written back."""
    resident.fill("2", {"多胎": False})
    pk, key = resident.draft.pk, key_of("表紙")
    attach(pk, field_key=key, checked=inspected(jpeg(noise(32, 32))), most=2)
    keep_answers(pk, taken={key_of("多胎"): True}, unfinished={})
    attach(pk, field_key=key, checked=inspected(jpeg(noise(48, 32))), most=2)
    assert len(resident.answers["表紙"]) == 2
    assert resident.answers["表紙"] == [file.public_id for file in resident.draft.attachments.all()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sides", [[32] * 8, [32, 40, 48, 56, 64, 72, 80, 88]], ids=["the same", "all different"])
def test_taps_at_the_same_moment_keep_what_fits_and_leave_nothing_behind(
    stored: Callable[[], int], sides: list[int]
) -> None:
    resident = Resident(make_form(make_cast().children, steps=STEPS))
    resident.fill("1", APPLICANT)
    pictures = [jpeg(corners(side, side)) for side in sides]

    def tap(content: bytes) -> int:
        client = Client()
        client.cookies[f"mg-{resident.code}"] = resident_key
        try:
            data = {f"f-{key_of('多胎')}": "no", COVER: [upload(content)], "whole": "1"}
            status: int = client.post(resident.url("2"), data).status_code
            return status
        finally:
            connections.close_all()

    resident_key = resident.key
    with ThreadPoolExecutor(len(pictures)) as pool:
        statuses = list(pool.map(tap, pictures))
    kept = [attachment.public_id for attachment in resident.draft.attachments.all()]
    assert set(statuses) <= {200, 302}
    assert len(kept) == min(len(set(sides)), 2) == stored()
    assert sorted(resident.answers["表紙"]) == sorted(kept)


# --- what cannot be taken

HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)


def docx() -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return output.getvalue()


def bomb() -> bytes:
    """A picture of 60,000 × 60,000 pixels in a hundred bytes."""
    return png_of_chunks(60_000, 60_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HTML, "HTML形式のファイルは添付できません"),
        (SVG, "は添付できません"),
        (EXE, "は添付できません"),
        (docx(), "は添付できません"),
        (pdf(), "PDF形式のファイルは添付できません"),
        (jpeg()[:200], "最後まで読み取れませんでした"),
        (b"\xff\xd8\xff\xe0broken", "最後まで読み取れませんでした"),
        (b"", "中身が空です"),
        (bomb(), "画像の縦横が大きすぎます"),
        (bytes(300), "は添付できません"),
    ],
)
def test_a_file_that_is_no_photograph_is_refused_by_its_content_and_the_rest_is_kept(
    resident: Resident, content: bytes, message: str
) -> None:
    page = resident.fill("2", {"多胎": True, "胎児の数": "3", "表紙": [upload(content)]})
    (line,) = errors_of(page)
    assert message in line
    assert f'href="#{COVER}"' in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()
    assert resident.answers == {**APPLICANT, "多胎": True, "胎児の数": "3"}
    assert not Attachment.objects.exists()
    assert resident.unfinished == {}


def test_a_refused_file_is_forgotten_and_another_can_be_chosen(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [upload(HTML)]})
    assert "添付できません" not in text_of(resident.get("2"))
    assert leads_to(resident.fill("2", {"多胎": False, "表紙": [photo()]})) == "3"


def test_good_files_are_kept_beside_a_bad_one_and_the_bad_one_is_named(resident: Resident) -> None:
    page = resident.fill("2", {"多胎": False, "表紙": [upload(HTML, "頁.jpg"), photo("良.jpg")]})
    (line,) = errors_of(page)
    assert line.startswith("「頁.jpg」：HTML形式")
    assert names(resident) == ["良.jpg"]


def test_a_name_that_is_meant_to_confuse_is_shown_harmlessly(resident: Resident) -> None:
    page = resident.fill(
        "2", {"表紙": [upload(HTML, "<b>\u202egpj.\x00exe"), upload(HTML, "長" * 500)]}
    ).content.decode()
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "長" * 61 not in page


def test_a_picture_of_more_than_the_limit_is_refused(resident: Resident) -> None:
    page = resident.fill("2", {"表紙": [upload(jpeg() + bytes(21 * 1024 * 1024))]})
    assert any("ファイルが大きすぎます。10MBまで" in line for line in errors_of(page))
    assert not Attachment.objects.exists()


def test_too_many_files_are_refused_and_as_many_as_fit_are_kept(resident: Resident) -> None:
    colors = ["red", "blue", "green", "white", "black"]
    page = resident.fill("2", {"多胎": False, "表紙": [photo(f"{color}.jpg", color) for color in colors]})
    (line,) = errors_of(page)
    assert line == "3枚は加えられませんでした。2枚までです。いらないものを削除してから選んでください。"
    assert names(resident) == ["red.jpg", "blue.jpg"]
    assert leads_to(resident.fill("2", {"多胎": False})) == "3"


def test_of_many_files_too_many_only_the_first_are_looked_into(
    resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred photographs would be decoded in vain."""
    looked: list[object] = []

    def counting(file: Upload, policy: UploadPolicy) -> CheckedFile:
        looked.append(file)
        return inspect_upload(file, policy)

    monkeypatch.setattr(uploads, "inspect_upload", counting)
    errors = errors_of(resident.fill("2", {"表紙": [upload(jpeg(noise(8 + n % 90, 8))) for n in range(150)]}))
    assert (len(looked), any("148枚は加えられませんでした" in line for line in errors)) == (3, True)


def test_fewer_files_than_needed_are_kept_and_the_rest_is_asked_for(cast: Cast) -> None:
    steps = {"書類": [item("photo", "写真", min_files=2, max_files=3)]}
    resident = Resident(make_form(cast.children, steps=steps))
    page = resident.fill("1", {"写真": [photo()]})
    assert errors_of(page) == ["写真は2枚以上添付してください（今は1枚です）。"]
    assert len(resident.answers["写真"]) == 1
    assert leads_to(resident.get("check")) == resident.code
    assert leads_to(resident.fill("1", {"写真": [photo(color="blue")]})) == "check"


def test_a_file_for_an_item_that_is_not_shown_is_not_kept(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert leads_to(resident.fill("3", {"受取方法": "koukin", "通帳": [photo("通帳.jpg", "blue")]})) == "check"
    assert names(resident) == ["表紙.jpg"]


def test_what_is_wrong_with_a_file_for_an_item_that_is_not_shown_is_no_mistake(resident: Resident) -> None:
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert leads_to(resident.fill("3", {"受取方法": "koukin", "通帳": [upload(HTML)]})) == "check"


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_when_its_item_is_hidden(stored: Callable[[], int]) -> None:
    resident = resident_with_a_photo()
    resident.fill("3", {"受取方法": "shitei", "口座": ACCOUNT, "通帳": [photo("通帳.jpg", "blue")]})
    assert stored() == 2
    resident.fill("3", {"受取方法": "koukin"})
    assert names(resident) == ["表紙.jpg"]
    assert stored() == 1


def test_a_file_in_the_box_of_another_item_is_nothing(resident: Resident) -> None:
    resident.fill("2", {}, **{f"f-{key_of('多胎')}": photo(), "f-nothing": photo(), "remove": ""})
    assert not Attachment.objects.exists()


def test_text_in_the_box_of_a_file_is_nothing(resident: Resident) -> None:
    page = resident.fill("2", {"多胎": False}, **{COVER: "A" * 22})
    assert errors_of(page) == ["表紙を添付してください。"]
    assert "表紙" not in resident.answers


# --- more than one request may bring


def test_more_than_a_request_may_bring_is_dropped_as_it_streams_in_and_the_other_boxes_are_kept(
    resident: Resident, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 300_000
    page = resident.fill("2", {"多胎": True, "胎児の数": "3", "表紙": [upload(jpeg() + bytes(400_000))]})
    assert [line for line in errors_of(page) if "ファイルが大きすぎて受け取れませんでした" in line]
    assert (resident.answers["多胎"], resident.answers["胎児の数"]) == (True, "3")


def test_an_optional_file_that_was_too_large_is_not_passed_over_in_silence(cast: Cast, settings: Settings) -> None:
    steps = {"書類": [item("file", "書類", required=False), item("text", "備考")]}
    resident = Resident(make_form(cast.children, steps=steps))
    settings.UPLOAD_MAX_BYTES = 300_000
    page = resident.fill("1", {"備考": "x", "書類": [upload(bytes(400_000))]})
    (line,) = errors_of(page)
    assert "ファイルが大きすぎて受け取れませんでした" in line
    assert resident.answers == {"備考": "x"}
    assert leads_to(resident.fill("1", {"備考": "x"})) == "check"


def test_files_before_the_one_that_was_too_large_are_kept(resident: Resident, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 300_000
    page = resident.fill("2", {"多胎": False, "表紙": [photo("良.jpg"), upload(jpeg() + bytes(400_000))]})
    assert len(errors_of(page)) == 1
    assert names(resident) == ["良.jpg"]


def test_who_sent_too_much_is_told_how_much_may_be_sent(resident: Resident, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 12 * MEGABYTE
    page = resident.fill("2", {"多胎": False, "表紙": [upload(bytes(13 * MEGABYTE))]})
    (line,) = errors_of(page)
    assert "1枚10MBまで、一度に送れるのは全部で12MBまでです" in line


# --- the scanner


def test_what_the_scanner_calls_infected_is_refused(resident: Resident, settings: Settings) -> None:
    with listening(says(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as address:
        settings.UPLOAD_SCANNER = address
        page = resident.fill("2", {"多胎": True, "表紙": [photo()]})
    assert "ウイルスの疑いがあるため" in errors_of(page)[-1]
    assert not Attachment.objects.exists()
    assert resident.answers["多胎"] is True


def test_what_the_scanner_calls_clean_is_kept(resident: Resident, settings: Settings) -> None:
    with listening(scans_like_clamd) as address:
        settings.UPLOAD_SCANNER = address.removeprefix("tcp://")
        assert leads_to(resident.fill("2", {"多胎": False, "表紙": [photo()]})) == "3"


def test_without_an_answer_of_the_scanner_nothing_is_kept(resident: Resident, settings: Settings) -> None:
    with listening(hangs_up) as address:
        settings.UPLOAD_SCANNER = address
        page = resident.fill("2", {"多胎": False, "表紙": [photo()]})
    (line,) = errors_of(page)
    assert "安全を確かめられません" in line
    assert not Attachment.objects.exists()
