"""A CSV that PostgreSQL writes is the one that Python writes, byte for byte."""

import io
import random
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.listing import Filters
from applications.models import Application, Attachment, Channel
from applications.sheets.cells import SUSPECT, csv_cell
from applications.sheets.csv_file import Replaced
from applications.status import ON_DESK
from exports import in_sql, making
from exports.columns import layout_of, versions_of
from exports.formats import Format
from exports.making import Making
from exports.planning import plan_export
from exports.shapes import Column, Shape, Source, Style
from exports.template_forms import places_of
from formbuilder.fields import FIELD_TYPES
from formbuilder.models import FormPage, FormVersion
from tests.support.cast import Cast, current_version, item, make_form

ODD = "".join(sorted(SUSPECT)).replace("\x00", "") + '",\n\r\\.%{}〜𠮷髙1aあ'
TEXTS = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
WAYS = [{"label": "窓口,へ", "code": "01"}, {"label": "=郵送", "code": "02"}, {"label": "ほか", "code": ""}]
NEW_WAYS = [{"label": "窓口", "code": "01"}, {"label": "郵送", "code": "02"}, {"label": "ほか", "code": ""}]
PERSON = [item("full_name", "氏名", key="who"), item("number", "年齢", key="age", required=False)]


def items(ways: list[dict[str, str]], *, without: str = "") -> list[dict[str, Any]]:
    """One of every type that is not sealed."""
    made = [
        item("text", "件名", key="title"),
        item("textarea", "備考", key="note"),
        item("email", "メール", key="mail"),
        item("phone", "電話", key="phone"),
        item("number", "数", key="count"),
        item("date", "日付", key="day"),
        item("computed", "金額", key="sum", formula="=［数］×10"),
        item("choice", "方法", key="way", choices=ways),
        item("choices", "全部", key="ways", choices=ways),
        item("yes_no", "はい", key="yes"),
        item("consent", "同意", key="consent", statement="=同意, します"),
        item("full_name", "氏名", key="name"),
        item("kana_name", "カナ", key="kana"),
        item("address", "住所", key="home"),
        item(
            "matrix", "表", key="grid", rows=[{"label": "一", "code": "a"}, {"label": "二", "code": "b"}], choices=ways
        ),
        item("linked", "段階", key="levels"),
        item("spot", "地点", key="spot"),
        item("rating", "評価", key="stars"),
        item("url", "場所", key="site"),
        item("file", "書類", key="paper"),
        item("repeat", "家族", key="kin", max=2, fields=PERSON),
    ]
    return [one for one in made if one["id"] != without]


def answers(text: str, chance: random.Random) -> dict[str, Any]:
    """Settled answers, some left out. text: what somebody may have typed."""
    name = {"family": text, "given": text[::-1]}
    ways = ["01", "02", "ほか", text]
    full = {
        "title": text,
        "note": f"{text}\n{text}",
        "mail": f"{text}@example.jp",
        "phone": text,
        "count": chance.choice(["-5", "12.50", "0", "123456789012345678"]),
        "day": "2026-04-01",
        "sum": "-1234",
        "way": chance.choice(ways),
        "ways": chance.sample(ways, 2),
        "yes": chance.choice([True, False]),
        "consent": True,
        "name": name,
        "kana": {"family": "", "given": text},
        "home": dict.fromkeys(FIELD_TYPES["address"].parts, text),
        "grid": {"a": chance.choice(ways), "b": "01"},
        "levels": {"first": text, "second": text},
        "spot": {"lat": "37.9", "lng": "-139"},
        "stars": "3",
        "site": text,
        "paper": ["nobody-has-it", "two"],
        "kin": [{"who": name, "age": "3"}, {"who": name}],
    }
    return {key: answer for key, answer in full.items() if chance.random() < 0.8}


@dataclass(frozen=True)
class Forms:
    """One form of two versions; the newer one lacks an item."""

    page: FormPage
    old: FormVersion
    new: FormVersion


@pytest.fixture
def forms(cast: Cast) -> Forms:
    page = make_form(cast.children, code="all", steps={"内容": items(WAYS)})
    old = current_version(page)
    make_form(cast.children, code="all", steps={"内容": items(NEW_WAYS, without="note")})
    return Forms(page, old, current_version(page))


def clear() -> None:
    """hypothesis runs every example in one transaction."""
    Attachment.objects.all().delete()
    Application.objects.all().delete()


def store(version: FormVersion, texts: list[str], *, without: str = "") -> None:
    chance, before = random.Random(len("".join(texts))), Application.objects.count()
    made = [
        Application(
            form_id=version.form_id,
            version=version,
            department=version.department,
            status=chance.choice(list(ON_DESK)),
            channel=chance.choice(list(Channel)),
            reference=f"{before}-{number}",
            received_at=timezone.now(),
            declared_on=timezone.localdate(),
            answers={key: answer for key, answer in answers(text, chance).items() if key != without},
        )
        for number, text in enumerate(texts)
    ]
    kept = Application.objects.bulk_create(made)
    Attachment.objects.bulk_create(
        Attachment(application=one, public_id=f"{one.public_id[:18]}{number}", name=f"{texts[0]}{number}", size=1)
        for number, one in enumerate(kept[:3])
    )
    for number, one in enumerate(kept[:3]):
        Application.objects.filter(pk=one.pk).update(
            answers={**one.answers, "paper": [f"{one.public_id[:18]}{number}", "gone"]}
        )


def made(form: FormPage, cast: Cast, format_: Format, shape: Shape | None = None) -> tuple[bytes, list[Any]]:
    """(the file, the characters that were replaced)."""
    told: list[tuple[Replaced, list[str]]] = []
    plan = plan_export(cast.officer, Filters(forms=(form.pk,)))
    making_ = Making(plan, format_, shape=shape, tell=lambda replaced, cells: told.append((replaced, list(cells))))
    return b"".join(making_.pieces()), told


def is_known_to_the_database(form: FormPage, shape: Shape | None = None) -> bool:
    versions = list(versions_of(form.pk))
    return in_sql.lines_of(Application.objects.all(), layout_of(versions), versions, shape) is not None


def both(form: FormPage, cast: Cast, format_: Format, shape: Shape | None = None) -> None:
    assert is_known_to_the_database(form, shape) == (connection.vendor == "postgresql")
    quick = made(form, cast, format_, shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "lines_of", lambda *_: None)
        slow = made(form, cast, format_, shape)
    if format_ == Format.EXCEL:
        assert sheets_of(quick[0]) == sheets_of(slow[0])
        return
    for mine, other in zip(quick[0].split(b","), slow[0].split(b","), strict=False):
        assert mine == other
    assert quick == slow


def sheets_of(book: bytes) -> dict[str, bytes]:
    """The parts of an Excel file; when it was made is in one of them."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return {name: parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets")}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=12), st.lists(TEXTS, min_size=1, max_size=3))
def test_every_type_of_every_version_is_written_alike(
    cast: Cast, forms: Forms, before: list[str], after: list[str]
) -> None:
    clear()
    store(forms.old, before)
    store(forms.new, after, without="note")
    for format_ in (Format.CSV, Format.CSV_CP932, Format.EXCEL):
        both(forms.page, cast, format_)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_the_columns_of_a_template_are_written_alike(cast: Cast, forms: Forms, texts: list[str]) -> None:
    clear()
    store(forms.old, texts)
    form = forms.page
    places = places_of([form.pk])

    def column(heading: str, text: str, source: Source, style: Style = Style.PLAIN) -> Column:
        return Column(heading, source, text, style, "", places)

    shape = Shape(
        (
            column("宛名", "%{氏名：姓}\\ {氏名：名}様{方法}", Source.TEXT),
            column("固定", "=A01", Source.TEXT),
            column("日", "日付", Source.COLUMN, Style.DIGITS),
            column("受付", "受付日時", Source.COLUMN, Style.SLASHED),
            column("ない", "ない列", Source.COLUMN),
            column("方法", "方法", Source.COLUMN),
        )
    )
    both(form, cast, Format.CSV, shape)


@pytest.mark.parametrize(
    "columns",
    [
        [Column("暦", Source.COLUMN, "日付", Style.WAREKI)],
        [Column("式", Source.FORMULA, "=［数］×2")],
        [Column("番号", Source.COLUMN, "受付番号")],
    ],
)
def test_what_the_database_cannot_say_is_left_to_python(forms: Forms, columns: list[Column]) -> None:
    places: Mapping[str, Any] = places_of([forms.page.pk])
    shape = Shape(tuple(Column(one.heading, one.source, one.text, one.style, "", places) for one in columns))
    assert not is_known_to_the_database(forms.page, shape)


def test_what_is_sealed_is_left_to_python(cast: Cast) -> None:
    assert not is_known_to_the_database(cast.form)  # an account number


def test_whatever_a_formula_may_begin_with_is_looked_at() -> None:
    for sign in SUSPECT:
        assert any(first <= ord(sign) <= last for first, last in in_sql.SUSPECTS), hex(ord(sign))
    assert csv_cell("=1") == "'=1"
