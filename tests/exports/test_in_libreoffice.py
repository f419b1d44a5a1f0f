"""Every table opens in LibreOffice and holds there what was answered; read back from there as CSV."""

import csv
import io
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from scripts.office import find
from tests.exports.reading import content, export
from tests.exports.waiting import make, received
from tests.support.cast import Cast, item, make_form, submit

# What spreadsheets are known to break
NOTES = [
    "0012345",
    "12345678901234567890",
    "2026/4/1",
    "1-2",
    "1e5",
    "TRUE",
    "𠮷野家 髙﨑 😀",
    "一行目\n二行目",
    'カンマ,と"引用符"',
    "=1+1",
    '=HYPERLINK("http://example.jp")',
    "+81-90-1234-5678",
    "-5+3",
    "@SUM(A1)",
    "　前後の空白　",
    "<b>&amp;</b>",
]
LOST_IN_CP932 = "𠮷野家 髙﨑 😀"
UTF8, SHIFT_JIS = "76", "64"  # LibreOffice's numbers of encodings
SEPARATED = "44,34"  # , and "
TEXT_COLUMNS = "/".join(f"{number}/2" for number in range(1, 20))  # as Excel reads: nothing turns into a date


def convert(files: list[Path], into: Path, encoding: str, kind: str = "") -> None:
    """To CSV in UTF-8, every cell as it is shown. kind: a filter of the input that has to be named."""
    into.mkdir(exist_ok=True)
    command = [find(), f"-env:UserInstallation=file://{into.parent / 'profile'}", "--headless", "--norestore"]
    if kind:
        command.append(f"--infilter={kind}:{SEPARATED},{encoding},1,{TEXT_COLUMNS}")
    command += ["--convert-to", f"csv:Text - txt - csv (StarCalc):{SEPARATED},{UTF8},1,,0,false,true,false"]
    subprocess.run([*command, "--outdir", str(into), *map(str, files)], check=True, capture_output=True, timeout=150)


def read(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    headings, *rows = csv.reader(io.StringIO(text, newline=""))
    return [dict(zip(headings, row, strict=False)) for row in rows]


@pytest.mark.timeout(400)
def test_what_was_answered_is_what_libreoffice_shows(cast: Cast, client: Client, tmp_path: Path) -> None:
    items = [item("text", "番号"), item("textarea", "備考"), item("date", "生年月日"), item("number", "人数")]
    form = make_form(cast.children, code="office", steps={"内容": items})
    for number, note in enumerate(NOTES):
        submit(form, {"番号": "00123", "備考": note, "生年月日": "2019-05-01", "人数": str(number)})
    client.force_login(cast.officer)
    (tmp_path / "excel.xlsx").write_bytes(content(export(client, "xlsx")))
    (tmp_path / "bom.csv").write_bytes(content(export(client, "csv")))
    (tmp_path / "plain.csv").write_bytes(received(client, make(client, "csv_utf8")))
    (tmp_path / "cp932.csv").write_bytes(received(client, make(client, "csv_cp932")))
    convert([tmp_path / "excel.xlsx"], tmp_path / "out", UTF8)
    convert([tmp_path / "bom.csv", tmp_path / "plain.csv"], tmp_path / "out", UTF8, "CSV")
    convert([tmp_path / "cp932.csv"], tmp_path / "out", SHIFT_JIS, "CSV")
    for name in ("excel", "bom", "plain", "cp932"):
        rows = read(tmp_path / "out" / f"{name}.csv")
        assert [row["番号"] for row in rows] == ["00123"] * len(NOTES), name
        assert [row["生年月日"] for row in rows] == ["2019-05-01"] * len(NOTES), name
        assert [row["人数"] for row in rows] == [str(number) for number in range(len(NOTES))], name
        for row, note in zip(rows, NOTES, strict=True):
            if name == "cp932" and note == LOST_IN_CP932:
                assert row["備考"] == "〓野家 髙﨑 〓"
            else:
                assert row["備考"] in (note, f"'{note}"), name
                assert name != "excel" or row["備考"] == note
