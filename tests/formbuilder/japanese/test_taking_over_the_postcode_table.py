"""Japan Post's files as an operator downloads them become the table that look-ups use, whole or not at all."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from formbuilder.japanese import postcode_table
from formbuilder.japanese.address import take_apart
from formbuilder.japanese.ken_all import towns_of
from formbuilder.japanese.postcode import NoTable, has_table, lookup
from formbuilder.japanese.postcode_table import Place
from formbuilder.japanese.prefectures import PREFECTURES

# code, prefecture, city, and the town over as many lines as the file has it
HARD = [
    ("4980000", "愛知県", "弥富市", ["以下に掲載がない場合"]),
    ("4980000", "三重県", "桑名郡木曽岬町", ["以下に掲載がない場合"]),
    ("1600023", "東京都", "新宿区", ["西新宿（次のビルを除く）"]),
    ("1631390", "東京都", "新宿区", ["西新宿新宿アイランドタワー（地階・階層不明）"]),
    ("1000301", "東京都", "利島村", ["利島村一円"]),
    ("3060433", "茨城県", "猿島郡境町", ["境町の次に番地がくる場合"]),
    ("5220317", "滋賀県", "犬上郡多賀町", ["一円"]),
    ("7614103", "香川県", "小豆郡土庄町", ["甲、乙（大木戸）"]),
    ("0295503", "岩手県", "和賀郡西和賀町", ["穴明２２地割、穴明２３地割"]),
    ("0295503", "岩手県", "和賀郡西和賀町", ["湯田１９地割～湯田２１地割"]),
    ("0287917", "岩手県", "九戸郡洋野町", ["種市第１５地割～第２１地割（鹿糠、小路合、", "緑町、大久保、高取）"]),
    ("6028368", "京都府", "京都市上京区", ["北町（上の下立売通天神道西入上る、", "天神道下立売上る、", "御前通西裏）"]),
    ("9518126", "新潟県", "新潟市中央区", ["学校町通一番町"]),
    ("0640820", "北海道", "札幌市中央区", ["大通西（１～１９丁目）"]),
]  # fmt: skip
OFFICE = (
    '15103,"ｼﾔｸｼﾖ","新潟市役所","新潟県","新潟市中央区","学校町通１番町","６０２－１","9518550","951  ","新潟中",0,0,0'
)


def line(code: str, prefecture: str, city: str, town: str, change: str = "0") -> str:
    return f'15103,"{code[:3]}  ","{code}","ｹﾝ","ｼ","ﾏﾁ","{prefecture}","{city}","{town}",0,0,1,0,{change},0\r\n'


def ken_all(*, cp932: bool = True, without: str = "") -> bytes:
    """The whole country, one town for each prefecture, and what is hard to read."""
    lines = [line(f"9{n:06}", name, "見本市", "本町") for n, name in enumerate(PREFECTURES) if name != without]
    for code, prefecture, city, parts in HARD:
        towns = parts if cp932 else ["".join(parts).replace("～", "〜")]
        lines += [line(code, prefecture, city, town) for town in towns]
    return "".join(lines).encode("cp932" if cp932 else "utf-8")


@pytest.fixture(autouse=True)
def table(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "data" / "postcodes.sqlite3"
    postcode_table.keep_at(path)
    yield path
    postcode_table.keep_at(settings.DATA_DIR / "postcodes.sqlite3")


def take_over(tmp_path: Path, content: bytes, offices: bytes = b"") -> None:
    (tmp_path / "KEN_ALL.CSV").write_bytes(content)
    given = []
    if offices:
        (tmp_path / "JIGYOSYO.CSV").write_bytes(offices)
        given = ["--offices", str(tmp_path / "JIGYOSYO.CSV")]
    call_command("postcodes_import", str(tmp_path / "KEN_ALL.CSV"), *given, stdout=io.StringIO())


@pytest.mark.parametrize("cp932", [True, False], ids=["the old file", "the new file"])
def test_the_old_and_the_new_file_give_the_same_table(tmp_path: Path, cp932: bool) -> None:
    take_over(tmp_path, ken_all(cp932=cp932), OFFICE.encode("cp932"))
    assert lookup("4980000") == [Place("愛知県", "弥富市", "", ""), Place("三重県", "桑名郡木曽岬町", "", "")]
    assert lookup("1600023") == [Place("東京都", "新宿区", "西新宿", "次のビルを除く")]
    assert lookup("3060433") == [Place("茨城県", "猿島郡境町", "", "")]
    assert lookup("1000301") == [Place("東京都", "利島村", "", "")]
    assert lookup("5220317") == [Place("滋賀県", "犬上郡多賀町", "一円", "")]
    assert [place.town for place in lookup("7614103")] == ["甲", "乙"]
    assert [(place.town, place.note) for place in lookup("0295503")] == [
        ("穴明", "22地割、23地割"),
        ("湯田", "19地割〜21地割"),
    ]
    assert lookup("6028368")[0].note == "上の下立売通天神道西入上る、天神道下立売上る、御前通西裏"
    assert lookup("9518126") == [Place("新潟県", "新潟市中央区", "学校町通一番町", "")]
    assert lookup("9518550") == [Place("新潟県", "新潟市中央区", "学校町通1番町602-1", "新潟市役所")]
    assert lookup("0000000") == []


@pytest.mark.parametrize(
    ("written", "city", "towns"),
    [
        ("以下に掲載がない場合", "新潟市北区", [("", "")]),
        ("大通西（1〜19丁目）", "札幌市中央区", [("大通西", "1〜19丁目")]),
        ("種市第15地割〜第21地割（鹿糠）", "九戸郡洋野町", [("種市", "第15地割〜第21地割のうち鹿糠")]),
        ("新宿アイランドタワー（高層棟）（7階）", "新宿区", [("新宿アイランドタワー", "高層棟7階")]),
        ("葛巻（第40地割「57番地125、176を除く」〜第45地割）", "岩手郡葛巻町",
         [("葛巻", "第40地割「57番地125、176を除く」〜第45地割")]),
    ],
)  # fmt: skip
def test_remarks_of_the_table_are_no_names_of_towns(written: str, city: str, towns: list[tuple[str, str]]) -> None:
    assert towns_of(written, city) == towns


def test_the_file_may_still_be_zipped(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("KEN_ALL.CSV", ken_all())
    take_over(tmp_path, buffer.getvalue(), OFFICE.encode("cp932"))
    assert lookup("1600023")


def test_without_the_file_of_offices_those_of_the_package_stay(tmp_path: Path) -> None:
    take_over(tmp_path, ken_all())
    assert lookup("9518550")[0].note == "新潟市役所"


def test_an_address_in_one_line_is_taken_apart_by_the_new_table(tmp_path: Path) -> None:
    assert take_apart("新潟県見本市本町1") is None
    take_over(tmp_path, ken_all(), OFFICE.encode("cp932"))
    parts = take_apart("新潟県見本市本町1")
    assert parts is not None and parts.city == "見本市"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "全国のデータではありません"),
        (ken_all(without="沖縄県"), "沖縄県"),
        (ken_all()[:-40], "途中で切れて"),
        (ken_all() + line("9518126", "新潟県", "新潟市中央区", "学校町（一").encode("cp932"), "括弧が閉じて"),
        (ken_all() + line("951-8126", "新潟県", "新潟市中央区", "学校町").encode("cp932"), "形ではありません"),
        (ken_all() + line("9518126", "新潟", "新潟市中央区", "学校町").encode("cp932"), "形ではありません"),
        (ken_all() + line("9518126", "新潟県", "新潟市中央区", "学校町", "2").encode("cp932"), "廃止"),
        (b"\x81\x20\xff\xfe" * 9, "文字を読めません"),
        (b"PK\x03\x04 no zip", "ZIP を開けません"),
        (b"<html>404 Not Found</html>", "列が1個です"),
    ],
    ids=["empty", "a part", "cut off", "open bracket", "hyphen", "prefecture", "abolished", "bytes", "zip", "page"],
)
def test_a_file_that_is_not_whole_leaves_the_table_as_it_was(tmp_path: Path, content: bytes, told: str) -> None:
    take_over(tmp_path, ken_all(), OFFICE.encode("cp932"))
    before = lookup("1600023")
    with pytest.raises(CommandError, match=told):
        take_over(tmp_path, content, OFFICE.encode("cp932"))
    assert lookup("1600023") == before
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["postcodes.sqlite3"]


def test_who_is_looking_up_while_the_table_is_replaced_gets_a_whole_answer(tmp_path: Path, table: Path) -> None:
    take_over(tmp_path, ken_all(), OFFICE.encode("cp932"))
    with postcode_table.reading(f"{table.as_uri()}?mode=ro&immutable=1") as looking:
        take_over(tmp_path, ken_all(cp932=False), OFFICE.encode("cp932"))
        assert looking.execute("SELECT count(*) FROM place WHERE code = '4980000'").fetchone() == (2,)


def test_without_a_readable_table_people_are_told_to_type_the_address(table: Path) -> None:
    assert has_table()  # until then, that of the package
    table.parent.mkdir()
    table.write_bytes(b"no database at all, but long enough to be one" * 40)
    assert not has_table() and take_apart("新潟県新潟市中央区学校町1") is None
    with pytest.raises(NoTable, match="住所の検索は、いま使えません"):
        lookup("1600023")
    answer = json.loads(Client().get("/apply/postcode/1600023/").content)
    assert answer == {"places": [], "message": "住所の検索は、いま使えません。住所をそのまま入力してください。"}
