"""The files of many applications in one ZIP, made while it is read: no more than a piece is in memory."""

import zipfile
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from applications.sheets.excel_file import PIECE, Pipe
from exports.cases import Case
from exports.file_names import named

LIST_NAME = "一覧.txt"
GONE = "（ファイルが見つかりません）"


def zip_pieces(cases: Iterator[Case], pattern: str) -> Iterator[bytes]:
    """Every file under its name by the pattern, and a list of all of them with their SHA-256."""
    pipe, taken, lines = Pipe(), set[str](), ["ファイル\t受付番号\t項目\t元の名前\tSHA-256"]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as target:  # pictures and PDF are compressed already
        for case in cases:
            for item in case.items:
                for number, file in enumerate(item.files, start=1):
                    values = _values(case, item.field.definition.name, file.name, number)
                    name = named(pattern, values, taken)
                    gone = False
                    try:
                        source = file.file.open("rb")
                    except FileNotFoundError:
                        gone = True
                    else:
                        with source, target.open(_info(name, case), "w", force_zip64=True) as part:
                            while piece := source.read(PIECE):
                                part.write(piece)
                                yield pipe.take()
                    words = (name, values["受付番号"], values["項目"], file.name, GONE if gone else file.sha256)
                    lines.append("\t".join(word.replace("\t", " ").replace("\n", " ") for word in words))
        target.writestr(_info(LIST_NAME, None), "\ufeff" + "\r\n".join(lines) + "\r\n")
    yield pipe.take()


def _values(case: Case, item: str, file: str, number: int) -> dict[str, str]:
    application = case.application
    assert application.received_at is not None
    return {
        "受付番号": application.reference or "",
        "申請者": application.applicant,
        "項目": item,
        "ファイル名": file,
        "番号": str(number),
        "受付日": f"{timezone.localtime(application.received_at):%Y%m%d}",
        "フォーム": application.form.title,
    }


def _info(name: str, case: Case | None) -> zipfile.ZipInfo:
    moment: datetime = timezone.localtime(case.application.received_at if case else None)
    return zipfile.ZipInfo(name, moment.timetuple()[:6])
