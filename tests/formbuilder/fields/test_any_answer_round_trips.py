"""Whatever is typed is refused in words, or becomes an answer that every face of the type can handle."""

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldRefused
from formbuilder.fields.date import EARLIEST, ERA_NAMES, LATEST
from formbuilder.japanese.prefectures import PREFECTURES
from tests.formbuilder.fields.making import item, type_of

COLOURS = [{"label": "赤", "code": "r"}, {"label": "青", "code": ""}, {"label": "白", "code": "w"}]
DIGITS = "0123456789０１２３４５６７８９-ー－ "
KANA = "アイウガパッャヴーあいうがっゃｱｲｶﾞﾊﾟｯ・　 -"


def texts(alphabet: str, most: int = 12) -> st.SearchStrategy[str]:
    """Text of the kind that is wanted, and now and then any text at all."""
    return st.one_of(st.text(alphabet, max_size=most), st.text(alphabet, max_size=most), st.text(max_size=60))


def boxes(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


NAMES = st.text(max_size=12)
NUMBER = texts(DIGITS + ".,．，", 10)
TIME = st.one_of(st.sampled_from(["9:30", "午後3時", "２３：５９", "930", ""]), texts(DIGITS + ":：時分午前後", 8))


def a_day(prefix: str) -> dict[str, st.SearchStrategy[str]]:
    return {
        f"{prefix}-era": st.sampled_from([*ERA_NAMES, ""]),
        f"{prefix}-year": texts("0123456789元", 4),
        f"{prefix}-month": texts("0123456789", 2),
        f"{prefix}-day": texts("0123456789", 2),
    }


TYPED: dict[str, tuple[FieldDef, st.SearchStrategy[Any]]] = {
    "text": (item("text", max_length=30), st.text(max_size=40)),
    "textarea": (item("textarea", max_length=30), st.text(max_size=40)),
    "number": (item("number", decimals=3, min="-100", max="1000000", unit="円"), NUMBER),
    "quantity": (item("quantity", min="0", unit="世帯"), NUMBER),
    "money": (item("money", max="1000000"), NUMBER),
    "time": (item("time"), TIME),
    "date_range": (item("date_range"), boxes(**a_day("start"), **a_day("end"))),
    "datetime": (item("datetime"), boxes(**a_day("date"), time=TIME)),
    "url": (
        item("url"),
        st.one_of(
            st.sampled_from(["www.example.jp", "https://窓口.example.jp/a?b#c", "http://[::1", "ftp://a.b"]), st.text()
        ),
    ),
    "kana": (item("kana"), texts(KANA)),
    "corporate_number": (
        item("corporate_number"),
        st.one_of(st.sampled_from(["7000012050002", "７-0000-1205-0002", "7000012050003"]), texts(DIGITS, 14)),
    ),
    "age": (item("age"), st.one_of(st.none(), st.decimals(0, 150, places=0))),
    "spot": (item("spot"), boxes(lat=texts("0123456789.-,０１２ ", 12), lng=texts("0123456789.-", 12))),
    "prefecture": (item("prefecture"), st.sampled_from(["新潟県", "", "新潟"])),
    "linked": (
        item("linked"),
        boxes(
            first=st.sampled_from(["道路", "公園", "", "川"]), second=st.sampled_from(["側溝のふた", "遊具", "", "橋"])
        ),
    ),
    "matrix": (
        item("matrix", rows=[{"label": "一", "code": "a"}, {"label": "二", "code": "b"}], choices=COLOURS),
        boxes(a=st.sampled_from(["r", "青", "", "赤"]), b=st.sampled_from(["w", "", "x"])),
    ),
    "goods": (
        item("goods", things=[{"label": "写し", "code": "a", "price": 300}, {"label": "台帳", "code": "b"}], most=12),
        boxes(a=NUMBER, b=NUMBER),
    ),
    "listed": (item("listed"), boxes(name=st.sampled_from(["みほん", "101", "見本中学校", "", "ない", "ミホンキタ"]))),
    "rating": (item("rating", steps=3), st.sampled_from(["1", "3", "4", "", "０"])),
    "refund_account": (item("refund_account"), st.sampled_from(["registered", "named", "", "利用する"])),
    "email": (item("email"), st.one_of(st.emails(), st.text(max_size=30))),
    "phone": (item("phone"), texts(DIGITS + "()+", 16)),
    "full_name": (item("full_name", single=True), boxes(family=NAMES, given=NAMES)),
    "kana_name": (item("kana_name", single=True), boxes(family=texts(KANA), given=texts(KANA))),
    "date": (
        item("date"),
        boxes(
            era=st.sampled_from([*ERA_NAMES, ""]),
            year=texts("0123456789元", 4),
            month=texts("0123456789", 2),
            day=texts("0123456789", 2),
        ),
    ),
    "address": (
        item("address"),
        boxes(
            postcode=st.one_of(st.just(""), texts(DIGITS, 8)),
            prefecture=st.sampled_from(PREFECTURES),
            city=NAMES,
            town=NAMES,
            building=NAMES,
        ),
    ),
    "yes_no": (item("yes_no"), st.sampled_from(["yes", "no", "", "はい"])),
    "choice": (item("choice", choices=COLOURS), st.sampled_from(["r", "青", "w", "", "赤"])),
    "choices": (item("choices", choices=COLOURS, min=1, max=2), st.lists(st.sampled_from(["r", "青", "w", ""]))),
    "consent": (item("consent"), st.sampled_from(["yes", "", "no"])),
    "photo": (item("photo", min_files=2, max_files=3), st.lists(st.text("abc", min_size=1), max_size=5)),
    "signature": (item("signature"), st.lists(st.text("abc", min_size=1), max_size=3)),
    "file": (item("file", max_files=3), st.lists(st.text("abc", min_size=1), max_size=5)),
    "bank_account": (
        item("bank_account"),
        boxes(
            bank_code=st.sampled_from(["0140", "9900", "０１４０", "1"]),
            bank_name=NAMES,
            branch_code=st.one_of(st.sampled_from(["058", "10530", "11110-2"]), texts(DIGITS, 5)),
            branch_name=NAMES,
            kind=st.sampled_from(["1", "2", "4", "", "9"]),
            number=st.one_of(st.sampled_from(["12345671", "１"]), texts(DIGITS, 9)),
            holder=texts(KANA, 20),
        ),
    ),
    "repeat": (
        item(
            "repeat",
            min=1,
            max=3,
            fields=[
                {"type": "full_name", "id": "name", "value": {"label": "氏名"}},
                {"type": "choices", "id": "colours", "value": {"label": "色", "choices": COLOURS}},
                {"type": "number", "id": "count", "value": {"label": "数"}},
            ],
        ),
        st.lists(
            boxes(
                name=boxes(family=NAMES, given=NAMES), colours=st.lists(st.sampled_from(["r", "青", ""])), count=NUMBER
            ),
            max_size=4,
        ),
    ),
    "computed": (item("computed", unit="円"), st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=3))),
}


def test_every_type_that_has_an_answer_is_tried() -> None:
    assert set(TYPED) == {name for name, type_ in FIELD_TYPES.items() if type_.is_input}


@pytest.mark.parametrize("name", TYPED)
@given(data=st.data())
def test_what_is_typed_is_refused_in_words_or_kept_for_good(name: str, data: st.DataObject) -> None:
    field, raws = TYPED[name]

    check(field, data.draw(raws))


def check(field: FieldDef, raw: Any) -> None:
    type_ = type_of(field)
    try:
        answer = type_.normalise(field, raw)
    except FieldRefused as refused:
        assert refused.message.endswith("。")
        assert refused.part in {"", *type_.parts_of(field)}
        return
    assert type_.normalise(field, type_.boxes(field, answer)) == answer
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    if answer is None:
        return
    jsonschema.validate(answer, type_.json_schema(field))
    assert type_.display(field, answer)
    assert len(type_.cells(field, answer)) == len(type_.headers(field))
    assert any(value is not None for value in type_.scalars(field, answer).values()) or type_.takes_files
    _no_nul(json.dumps(answer, ensure_ascii=False).encode())  # a lone surrogate could not be encoded


def _no_nul(encoded: bytes) -> None:
    assert b"\\u0000" not in encoded


@given(st.dates(EARLIEST, LATEST))
def test_every_date_comes_back_from_its_boxes(day: Any) -> None:
    field = item("date")

    assert type_of(field).normalise(field, type_of(field).boxes(field, day.isoformat())) == day.isoformat()


@given(st.decimals(-(10**12), 10**12, places=6, allow_nan=False))
@example(Decimal("-0.000000"))
def test_every_number_comes_back_from_its_box(number: Decimal) -> None:
    field = item("number", decimals=6)
    answer = type_of(field).normalise(field, f"{number:,f}")

    assert answer is not None
    assert Decimal(answer) == number
    assert type_of(field).normalise(field, type_of(field).boxes(field, answer)) == answer


junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", TYPED)
@given(raw=junk)
def test_anything_at_all_is_refused_in_words_or_kept(name: str, raw: Any) -> None:
    check(TYPED[name][0], raw)
