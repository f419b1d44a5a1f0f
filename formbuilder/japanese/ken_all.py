"""Japan Post's own files: 住所の郵便番号 in its old form (KEN_ALL.CSV: CP932, long names over several lines, half-width
kana) and its new one (utf_ken_all.csv: UTF-8, one line each), and 事業所の個別郵便番号 (JIGYOSYO.CSV).
"""

import csv
import re
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from zipfile import BadZipFile, ZipFile

from formbuilder.japanese.postcode_table import Entry, Place
from formbuilder.japanese.prefectures import PREFECTURES
from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import to_half_width

MOST = 200_000_000  # bytes; KEN_ALL has 12 million, and what is larger is something else
TOWN_COLUMNS, OFFICE_COLUMNS = 15, 13
FORMER = "2"  # 廃止, in the file of what was abolished

_UNLISTED = "以下に掲載がない場合"
_FOLLOWED_BY_NUMBER = re.compile(r"の次に.*")
_TOWN_IN_DISTRICT = re.compile(r".+?郡(.+[町村])")
_LOT = re.compile("第?[０-９0-9]+地割")
_SEVEN_DIGITS = re.compile("[0-9]{7}")
_SIGNS = str.maketrans("～－０１２３４５６７８９", "〜−0123456789")


def text_of(content: bytes) -> str:
    """The CSV of a downloaded file, which may still be the ZIP."""
    if len(content) > MOST:
        raise Refused("ファイルが大きすぎます。日本郵便の郵便番号データ（CSV、または ZIP）を指定してください。")
    if content.startswith(b"PK"):
        content = _unzipped(content)
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("文字を読めません。日本郵便の郵便番号データ（Shift_JIS または UTF-8 の CSV）を指定してください。")


def _unzipped(content: bytes) -> bytes:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
            if len(names) != 1 or names[0].file_size > MOST:
                raise Refused("ZIP の中に CSV が1つだけ入っていません。日本郵便の郵便番号データを指定してください。")
            with archive.open(names[0]) as file:
                return file.read(MOST)
    # what zipfile raises for a broken, an oddly packed, an encrypted and a cut one
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
        raise Refused("ZIP を開けません。もう一度ダウンロードしてください。") from problem


def read_towns(text: str) -> list[Entry]:
    """Every postcode with its places. The whole country or nothing: a part of it would answer 「ない」 for the rest."""
    found = [entry for row in _whole_rows(_rows(text, TOWN_COLUMNS)) for entry in _of_row(*row)]
    here = {entry.place.prefecture for entry in found}
    missing = [name for name in PREFECTURES if name not in here]
    if missing:
        raise Refused(
            f"全国のデータではありません（{'、'.join(missing[:3])}などがありません）。全国版を指定してください。"
        )
    return found


def read_offices(text: str) -> list[Entry]:
    """Places with a postcode of their own; the note is the name."""
    found = []
    for number, row in _rows(text, OFFICE_COLUMNS):
        _, _, name, prefecture, city, town, lot, code = row[:8]
        _check(number, code, prefecture, city)
        found.append(Entry(code, Place(prefecture, city, to_half_width(town + lot), name)))
    return found


def _rows(text: str, columns: int) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, its columns)."""
    try:
        for number, row in enumerate(csv.reader(StringIO(text, newline="")), 1):
            if not row:
                continue
            if len(row) != columns:
                raise Refused(
                    f"{number}行目の列が{len(row)}個です（正しくは{columns}個）。ファイルが途中で切れていませんか。"
                )
            yield number, [column.strip() for column in row]
    except csv.Error as problem:
        raise Refused("CSV として読めません。日本郵便の郵便番号データを指定してください。") from problem


def _whole_rows(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[str, str, str, str]]:
    """(code, prefecture, city, town), a town's name put together again where it went over several lines: all but the
    names are the same in those, and the bracket that was opened is not closed yet.
    """
    open_at, before = 0, ("", "", "", "")
    for number, row in rows:
        code, prefecture, city, town = row[2], row[6], row[7], row[8].translate(_SIGNS)
        _check(number, code, prefecture, city)
        if row[13] == FORMER:
            raise Refused("廃止されたものだけのデータです。全国版を指定してください。")
        if open_at:
            if before[:3] != (code, prefecture, city):
                raise Refused(f"{open_at}行目の括弧が閉じていません。")
            town = before[3] + town
        if town.count("（") > town.count("）"):
            open_at, before = open_at or number, (code, prefecture, city, town)
            continue
        open_at = 0
        yield code, prefecture, city, town
    if open_at:
        raise Refused(f"{open_at}行目の括弧が閉じていません。ファイルが途中で切れていませんか。")


def _check(number: int, code: str, prefecture: str, city: str) -> None:
    if not _SEVEN_DIGITS.fullmatch(code) or prefecture not in PREFECTURES or not city:
        raise Refused(f"{number}行目が、日本郵便の郵便番号データの形ではありません。")


def _of_row(code: str, prefecture: str, city: str, town: str) -> Iterator[Entry]:
    for name, note in towns_of(town, city):
        yield Entry(code, Place(prefecture, city, name, note))


def towns_of(written: str, city: str) -> list[tuple[str, str]]:
    """(town, note) of a town as the table writes it.

    「以下に掲載がない場合」 is no town, 「西新宿（次のビルを除く）」 has a note, 「甲、乙（大木戸）」 are two, and of
    「穴明22地割、穴明23地割」 the lots are the note.
    """
    if written == _UNLISTED:
        return [("", "")]
    name, _, inside = written.partition("（")
    note = inside.replace("）（", "").removesuffix("）")
    names = _FOLLOWED_BY_NUMBER.sub("", name)
    if _LOT.search(names):
        return _by_lot(names, note)
    return [("" if each in _own_names(city) else to_half_width(each), note) for each in names.split("、")]


def _by_lot(names: str, note: str) -> list[tuple[str, str]]:
    """Of 岩手県, where lots follow the name: 「種市第15地割〜第21地割（鹿糠）」."""
    found: dict[str, str] = {}
    last = ""
    for separator, each in re.findall("([、〜]?)([^、〜]+)", names):
        lot = _LOT.search(each)
        last = (each[: lot.start()] if lot else each) or last
        said = found.get(last, "")
        found[last] = (said + separator if said else "") + (lot[0] if lot else "")
    tail = f"のうち{note}" if note else ""
    return [(to_half_width(town), lots + tail if lots else note) for town, lots in found.items()]


def _own_names(city: str) -> set[str]:
    """What means the whole municipality in the column of the town: 「利島村一円」, 「境町」 of 猿島郡境町."""
    in_district = _TOWN_IN_DISTRICT.fullmatch(city)
    own = in_district[1] if in_district else city
    return {own, f"{own}一円", city, f"{city}一円"}
