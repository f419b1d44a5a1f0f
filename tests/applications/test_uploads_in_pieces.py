"""A file in pieces: resumed where it broke off, checked like any other, bounded, and forgotten when given up."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import TimeMachineFixture

from applications import chunks
from applications.models import Quarantined, Upload, private_storage
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, STEPS, Resident
from tests.applications.sending import names
from tests.formbuilder.uploads.samples import corners, exif, heic, jpeg, noise, pdf, png_of_chunks
from tests.formbuilder.uploads.test_scanner import EICAR, hangs_up, listening, says
from tests.support.cast import Cast, item, key_of, make_cast, make_form

Json = dict[str, Any]
COVER = key_of("表紙")


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    return resident


def begin(resident: Resident, content: bytes, name: str = "表紙.jpg", *, key: str = COVER, **other: Any) -> Json:
    about = {"field": key, "name": name, "size": len(content), "mark": f"{name}|{len(content)}", **other}
    response = resident.post("uploads", about)
    assert response.status_code == 200
    return dict(response.json())


def piece(resident: Resident, id_: str, offset: int, content: bytes) -> Json:
    address = f"{resident.url('uploads')}{id_}/?offset={offset}"
    response = resident.client.post(address, content, content_type="application/octet-stream")
    assert response.status_code == 200
    return dict(response.json())


def send(resident: Resident, content: bytes, name: str = "表紙.jpg", *, key: str = COVER, size: int = 700) -> Json:
    """As the page's script does."""
    begun = state = begin(resident, content, name, key=key)
    while "offset" in state:
        at = state["offset"]
        state = piece(resident, begun["id"], at, content[at : at + size])
    return state


def pieces_on_disk() -> int:
    root = Path(private_storage().path("uploads"))
    return sum(path.is_file() for path in root.rglob("*"))


def test_a_photo_in_pieces_becomes_an_answer(resident: Resident) -> None:
    assert "表紙.jpg" in send(resident, jpeg(corners()))["files"]
    assert names(resident) == ["表紙.jpg"]
    assert resident.answers["表紙"] == [resident.draft.attachments.get().public_id]
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_but_the_checked_file_stays_on_the_disk() -> None:
    before, resident = pieces_on_disk(), Resident(make_form(make_cast().children, steps=STEPS))
    send(resident, jpeg(corners()))
    send(resident, b"<html></html>" * 100, "頁.jpg")
    assert pieces_on_disk() == before


def test_a_file_may_be_the_first_thing_of_all(form: FormPage) -> None:
    resident = Resident(form)
    send(resident, jpeg(corners()))
    assert names(resident) == ["表紙.jpg"]


def test_after_a_lost_connection_the_same_file_goes_on_where_it_was(resident: Resident) -> None:
    content = jpeg(noise(64, 48))
    first = begin(resident, content)
    piece(resident, first["id"], 0, content[:500])
    again = begin(resident, content)
    assert (again["id"], again["offset"]) == (first["id"], 500)
    assert "files" in piece(resident, again["id"], 500, content[500:])


def test_a_piece_that_arrives_twice_is_taken_once(resident: Resident) -> None:
    content = jpeg(noise(64, 48))
    id_ = begin(resident, content)["id"]
    piece(resident, id_, 0, content[:500])
    assert piece(resident, id_, 0, content[:500]) == {"offset": 500}
    assert piece(resident, id_, 900, content[900:]) == {"offset": 500}
    assert "files" in piece(resident, id_, 500, content[500:])


def test_heic_is_taken_and_kept_as_jpeg(resident: Resident) -> None:
    send(resident, heic(), "IMG_0001.HEIC")
    assert resident.draft.attachments.get().content_type == "image/jpeg"


def test_more_bytes_than_announced_are_refused(resident: Resident) -> None:
    content = jpeg(corners())
    id_ = begin(resident, content)["id"]
    assert "変わっています" in piece(resident, id_, 0, content + b"x")["refused"]


def test_a_file_above_the_limit_is_refused_before_a_byte_is_sent(resident: Resident) -> None:
    assert "10MBまで" in begin(resident, b"", size=10 * 1024 * 1024 + 1)["refused"]


def test_one_file_more_than_the_item_takes_is_refused(resident: Resident) -> None:
    for side in (32, 40):
        send(resident, jpeg(corners(side, side)), f"{side}.jpg")
    assert "2枚までです" in begin(resident, jpeg(corners(48, 48)), "三.jpg")["refused"]
    assert len(names(resident)) == 2


HOSTILE = {
    "html as a photo": (b"<html><script>alert(1)</script></html>", "HTML"),
    "svg with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "eicar": (EICAR, "添付できません"),
    "zip": (b"PK\x03\x04" + b"\0" * 200, "ZIP"),
    "pdf where photos are wanted": (pdf(), "PDF"),
    "20,000 by 20,000": (png_of_chunks(20_000, 20_000), "画素"),
    "cut off": (jpeg(corners())[:-40], "読み取れません"),
    "html behind the first bytes of a jpeg": (b"\xff\xd8\xff\xe0<html></html>" * 20, "読み取れません"),
}


@pytest.mark.parametrize(("content", "told"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_is_refused_and_nothing_else_is_lost(resident: Resident, content: bytes, told: str) -> None:
    assert told in send(resident, content)["refused"]
    assert names(resident) == [] and not Upload.objects.exists()
    assert resident.answers == APPLICANT


def test_what_is_appended_to_a_photo_does_not_arrive(resident: Resident) -> None:
    send(resident, jpeg(corners()) + b"PK\x03\x04<?php system('id'); ?>")
    with resident.draft.attachments.get().file.open("rb") as kept:
        assert b"php" not in kept.read()


def test_the_place_goes_unless_the_item_asks_for_it(cast: Cast) -> None:
    items = [item("photo", "表紙"), item("photo", "現場", keep_location=True)]
    resident = Resident(make_form(cast.children, steps={"写真": items}))
    content = jpeg(corners(), exif=exif(gps=True))
    for name in ("表紙", "現場"):
        send(resident, content, f"{name}.jpg", key=key_of(name))
    for file in resident.draft.attachments.all():
        with file.file.open("rb") as kept:
            assert (b"Exif" in kept.read()) == (file.name == "現場.jpg")


def test_an_infected_file_is_put_aside_logged_and_seen_by_its_department(
    resident: Resident, cast: Cast, settings: Settings, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(says(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as address:
        settings.UPLOAD_SCANNER = address
        told = send(resident, jpeg(corners()), "通帳.jpg")
    assert "ウイルスの疑い" in told["refused"]
    kept = Quarantined.objects.get()
    assert (kept.state, kept.name) == ("infected", "通帳.jpg") and "infected" in caplog.text
    assert kept.name not in caplog.text
    client.force_login(cast.officer)
    assert "通帳.jpg" in client.get("/admin/quarantine/").content.decode()
    client.force_login(cast.other_officer)
    assert "通帳.jpg" not in client.get("/admin/quarantine/").content.decode()
    client.force_login(cast.editor)
    assert client.get("/admin/quarantine/").status_code in (302, 403)


def test_a_file_that_cannot_be_scanned_is_put_aside_once(resident: Resident, settings: Settings) -> None:
    with listening(hangs_up) as address:
        settings.UPLOAD_SCANNER = address
        assert "安全を確かめられません" in send(resident, jpeg(corners()))["refused"]
    assert "安全を確かめられません" in send(resident, jpeg(corners()))["refused"]  # nobody listens any more
    assert Quarantined.objects.get().state == "unavailable"
    assert names(resident) == []


@pytest.mark.django_db(transaction=True)
def test_uploads_that_were_given_up_go_after_a_day(time_machine: TimeMachineFixture) -> None:
    resident, before = Resident(make_form(make_cast().children, steps=STEPS)), pieces_on_disk()
    content = jpeg(corners())
    piece(resident, begin(resident, content)["id"], 0, content[:100])
    assert chunks.forget_old() == 0 and pieces_on_disk() == before + 1
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    assert chunks.forget_old() == 1 and pieces_on_disk() == before


def test_uploads_that_are_begun_and_left_take_no_more_room_than_a_few(resident: Resident) -> None:
    for number in range(chunks.MOST_OPEN + 5):
        begin(resident, b"x" * 10, f"{number}.jpg")
    assert Upload.objects.count() == chunks.MOST_OPEN
    for number in range(25):
        begin(resident, b"", f"{number}-gross.jpg", size=10 * 1024 * 1024)
    assert sum(Upload.objects.values_list("size", flat=True)) <= chunks.MOST_BYTES


def test_nobody_goes_on_with_the_upload_of_another(resident: Resident, form: FormPage) -> None:
    content = jpeg(corners())
    id_ = begin(resident, content)["id"]
    other = Resident(form)
    other.fill("1", APPLICANT)
    assert piece(other, id_, 0, content) == {"gone": True}
    assert piece(Resident(form), id_, 0, content) == {"gone": True}


@pytest.mark.parametrize("change", [{"field": "nonsense"}, {"field": key_of("氏名")}, {"size": "-1"}, {"size": "９"}])
def test_nonsense_begins_nothing(resident: Resident, change: Json) -> None:
    assert begin(resident, b"x", **change) == {"gone": True}


def test_nonsense_is_answered_and_changes_nothing(resident: Resident) -> None:
    for id_ in ("x", "%00", "a" * 22):
        for offset in ("", "-1", "x", "9" * 30):
            response = resident.client.post(f"{resident.url('uploads')}{id_}/?offset={offset}", b"x", "text/plain")
            assert response.json() == {"gone": True}
    assert resident.get("uploads").status_code == 405


def test_a_declared_application_takes_no_more(resident: Resident, remains: Callable[[], int]) -> None:
    resident.reaches_check()
    content = jpeg(noise(20, 20))
    id_ = begin(resident, content, "二.jpg")["id"]
    resident.declare()
    assert piece(resident, id_, 0, content) == {"gone": True}
    assert remains() == 1


@pytest.fixture
def remains(resident: Resident) -> Callable[[], int]:
    return lambda: resident.draft.attachments.count()
