"""What is in a parcel: a folder named after the 受付番号, whose SHA256SUMS `sha256sum -c` verifies."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils import timezone

from applications.models import Application, Event
from applications.sheets.csv_file import csv_pieces
from applications.sheets.excel_file import PIECE
from exports.case_pdf import pdf_of
from exports.cases import Case, case_of
from exports.columns import layout_of, versions_of
from exports.file_names import named
from exports.gif import gif_of
from exports.rows import rows_of

SUMS = "SHA256SUMS"
ATTACHED = "attachments/{項目}_{ファイル名}"


def pack(application: Application, etag: str, target: BinaryIO) -> list[dict[str, Any]]:
    """Write the ZIP; the files in it with size and SHA-256."""
    case, listed = case_of(application), list[dict[str, Any]]()
    folder = application.reference or ""
    moment = timezone.localtime(application.received_at).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, source: BinaryIO) -> None:
            digest, size = hashlib.sha256(), 0
            with archive.open(zipfile.ZipInfo(f"{folder}/{name}", moment), "w", force_zip64=True) as part:
                while piece := source.read(PIECE):
                    part.write(piece)
                    digest.update(piece)
                    size += len(piece)
            listed.append({"name": name, "size": size, "sha256": digest.hexdigest()})

        add("application.json", io.BytesIO(_json({"etag": etag, "改訂": application.revision, **gif_of(case)})))
        add("application.csv", io.BytesIO(_csv(application)))
        add("application.pdf", io.BytesIO(pdf_of([case])))
        missing = []
        for name, file in _attachments(case):
            try:
                source = file.file.open("rb")
            except FileNotFoundError:
                missing.append(name)
                continue
            with source:
                add(name, source)
        add("verification.json", io.BytesIO(_json(_verification(case, missing))))
        sums = "".join(f"{each['sha256']}  {each['name']}\n" for each in listed)
        add(SUMS, io.BytesIO(sums.encode()))
    return listed


def _attachments(case: Case) -> Iterator[tuple[str, Any]]:
    taken: set[str] = set()
    for item in case.items:
        for file in item.files:
            yield named(ATTACHED, {"項目": item.field.definition.name, "ファイル名": file.name}, taken), file


def _csv(application: Application) -> bytes:
    """Its headings and one row, with the columns that an export of the form has."""
    versions = list(versions_of(application.form_id))
    layout = layout_of(versions)
    rows = rows_of(Application.objects.filter(pk=application.pk), layout, versions)
    return b"".join(csv_pieces(layout.headings, rows))


def _verification(case: Case, missing: list[str]) -> dict[str, Any]:
    """What the gates say (本人確認, 電子署名, 予約, 手数料), how it came here, and files that are no longer there."""
    events = Event.objects.filter(application=case.application).order_by("pk")
    return {
        "確認の結果": [{"名称": label, "内容": text} for label, text in case.facts],
        "経過": [
            {
                "種類": event.kind,
                "日時": timezone.localtime(event.at).isoformat(timespec="seconds"),
                "前の状態": event.before,
                "後の状態": event.after,
                "内容": str(event.data.get("sentence", "")),
            }
            for event in events
        ],
        "欠けているファイル": missing,
    }


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace")
