"""The outbox of a closed network: taken by its system, verified, acknowledged, and answered."""

import csv
import io
import json
import os
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pypdf import PdfReader

from applications.api import Scope
from applications.lifecycle import move
from applications.models import Application, Attachment, Event, ExportRecord
from applications.status import Action
from exports.handover.models import Parcel
from exports.handover.parcels import forget_old
from tests.exports.asking import ask, make_token, tell
from tests.support.cast import SOMEBODY, Cast, item, key_of, make_form, submit


@pytest.fixture
def secret(cast: Cast) -> str:
    return make_token(cast.children, cast.officer)


@pytest.fixture
def application(cast: Cast) -> Application:
    form = make_form(
        cast.children,
        steps={"申請者": [item("full_name", "氏名"), item("file", "写し", required=False), item("text", "備考")]},
    )
    made = submit(form, {"氏名": SOMEBODY["氏名"], "備考": "𠮷野家"})
    Application.objects.filter(pk=made.pk).update(answers=made.answers | {key_of("写し"): ["a" * 22]})
    attachment = Attachment(
        public_id="a" * 22,
        application=made,
        field_key=key_of("写し"),
        name="../../母子手帳.pdf",
        content_type="application/pdf",
        size=8,
        sha256="0" * 64,
    )
    attachment.file.save("x", ContentFile(b"%PDF-1.7"))
    return made


def taken(secret: str, application: Application) -> tuple[dict[str, Any], bytes]:
    about = ask(secret, f"/outbox/{application.reference}").json()
    response = ask(secret, f"/outbox/{application.reference}/package")
    assert response.status_code == 200
    return about, b"".join(response.streaming_content)


def listed(secret: str, **query: str) -> list[str]:
    return [row["reference"] for row in ask(secret, "/outbox", **query).json()["items"]]


def test_a_parcel_unpacks_and_sha256sum_verifies_it(secret: str, application: Application, tmp_path: Path) -> None:
    about, content = taken(secret, application)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
        assert all(name.startswith(f"{application.reference}/") for name in archive.namelist())
    folder = tmp_path / str(application.reference)
    subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {each["name"] for each in about["files"]}
    assert "attachments/写し_.._.._母子手帳.pdf".replace(".._.._", "") in {
        name.replace("..＿..＿", "") for name in there
    }
    document = json.loads((folder / "application.json").read_text())
    assert document["受付番号"] == application.reference and document["etag"] == about["etag"]
    rows = list(csv.reader((folder / "application.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 2 and rows[1][0] == application.reference and "𠮷野家" in rows[1]
    assert str(application.reference) in PdfReader(folder / "application.pdf").pages[0].extract_text()
    checked = json.loads((folder / "verification.json").read_text())
    assert [each["種類"] for each in checked["経過"]][-1] == "arrived" and checked["欠けているファイル"] == []


def test_the_same_bytes_come_again_and_single_files_are_those_of_the_parcel(
    secret: str, application: Application
) -> None:
    about, content = taken(secret, application)
    assert taken(secret, application) == (about, content)
    for each in about["files"]:
        response = ask(secret, f"/outbox/{application.reference}/file", name=each["name"])
        assert len(b"".join(response.streaming_content)) == each["size"]
    for name in ("", "../application.json", "nothing", "\x00"):
        assert ask(secret, f"/outbox/{application.reference}/file", name=name).status_code == 404
    assert Parcel.objects.count() == 1


def acknowledge(secret: str, application: Application, about: dict[str, Any], key: str = "key-00000001") -> Any:
    sent = {"revision": about["revision"], "sha256": about["sha256"]}
    return tell(secret, f"/outbox/{application.reference}/acknowledgement", sent, key)


def test_what_was_acknowledged_is_off_the_list_until_its_answers_change(secret: str, application: Application) -> None:
    about, _ = taken(secret, application)
    assert listed(secret) == [application.reference]
    wrong = acknowledge(secret, application, about | {"sha256": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "mismatch")
    first, again = acknowledge(secret, application, about), acknowledge(secret, application, about)
    assert first.json() == again.json() and first.json()["reference"] == application.reference
    assert acknowledge(secret, application, about, "key-00000002").status_code == 200
    assert listed(secret) == []
    (event,) = Event.objects.filter(kind="handed_over")
    assert event.data == {"sentence": "「基幹システム」に受け渡しました"}
    address = f"/applications/{application.reference}/status"
    assert tell(secret, address, {"action": "review_started"}, "key-review", about["etag"]).status_code == 200
    assert listed(secret) == []  # its own word is no news to the other side
    Application.objects.filter(pk=application.pk).update(revision=application.revision + 1)
    assert listed(secret) == [application.reference]
    assert acknowledge(secret, application, about | {"revision": 99}, "key-00000003").status_code == 409


def test_a_result_can_be_given_after_the_desk_has_moved_on(cast: Cast, application: Application) -> None:
    """With these scopes alone nothing else says how the application is now."""
    secret = make_token(cast.children, cast.officer, Scope.OUTBOX, Scope.STATUS)
    about, content = taken(secret, application)
    move(application.pk, Action.REVIEW, actor=cast.officer)
    move(application.pk, Action.APPROVE, actor=cast.approver)
    address, asked = f"/applications/{application.reference}/status", {"action": "completed"}
    assert tell(secret, address, asked, "key-00000001", about["etag"]).status_code == 412
    now, same = taken(secret, application)
    assert (now["etag"] != about["etag"], same) == (True, content)
    assert tell(secret, address, asked, "key-00000002", now["etag"]).status_code == 200


def test_whatever_was_taken_is_recorded(cast: Cast, secret: str, application: Application) -> None:
    taken(secret, application)
    ask(secret, f"/outbox/{application.reference}/file", name="application.csv")
    assert [record.filters[2][1] for record in ExportRecord.objects.order_by("pk")] == [
        "受け渡し：ZIP",
        "受け渡し：application.csv",
    ]


def test_another_department_finds_nothing_and_no_other_scope_opens_it(cast: Cast, application: Application) -> None:
    other = make_token(cast.waste, cast.other_officer)
    assert listed(other) == []
    assert ask(other, f"/outbox/{application.reference}/package").status_code == 404
    without = make_token(cast.children, cast.officer, *(set(Scope) - {Scope.OUTBOX}))
    assert ask(without, "/outbox").status_code == 403


def test_a_file_that_is_lost_is_named_and_the_rest_goes(secret: str, application: Application) -> None:
    attachment = Attachment.objects.get()
    attachment.file.storage.delete(str(attachment.file.name))
    response = ask(secret, f"/outbox/{application.reference}/file", name="verification.json")
    (lost,) = json.loads(b"".join(response.streaming_content))["欠けているファイル"]
    assert lost.endswith("母子手帳.pdf")


def test_the_list_is_paged_and_narrowed_to_a_form(cast: Cast, secret: str) -> None:
    numbers = [submit(cast.form).reference for _ in range(3)]
    assert listed(secret) == numbers and listed(secret, form="gift") == numbers and listed(secret, form="x") == []
    assert ask(secret, "/outbox", after="x").status_code == 400
    assert ask(secret, "/outbox", form="\x00").status_code == 404


def test_bytes_go_after_their_time_and_are_packed_anew(secret: str, application: Application) -> None:
    about, _ = taken(secret, application)
    assert forget_old() == 0
    Parcel.objects.update(made_at=timezone.now() - timedelta(days=31))
    storage, name = Parcel.objects.get().file.storage, str(Parcel.objects.get().file.name)
    assert forget_old() == 1 and not storage.exists(name)
    assert len(taken(secret, application)[0]["files"]) == len(about["files"])
    orphan, fresh = (
        storage.save("handover/orphan", ContentFile(b"x")),
        storage.save("handover/fresh", ContentFile(b"x")),
    )
    os.utime(storage.path(orphan), (0, 0))
    forget_old()
    assert not storage.exists(orphan) and storage.exists(fresh) and storage.exists(str(Parcel.objects.get().file.name))
    storage.delete(fresh)
    assert Parcel.objects.count() == 1
