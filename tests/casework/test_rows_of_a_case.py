"""The rows of a group as a desk sees them: on the case page, in the search, in the database."""

import json

import pytest

from applications.answers import opened
from applications.listing import Filters, filtered, visible_to
from applications.models import Application
from casework.access import HIDDEN
from casework.case import sections_of
from formbuilder.models import FormPage
from tests.support.cast import Cast, item, make_form, submit

FAMILY = [
    {"name": {"family": "𠮷田", "given": "太郎"}, "phone": "090-1111-2222", "card": "AB-1234567", "ill": "b"},
    {"name": {"family": "見本", "given": "次郎"}, "card": "12"},
]
ILL = [{"label": "いいえ", "code": "a"}, {"label": "療養中", "code": "b"}]


def form_of(cast: Cast, *, sensitive: bool = False) -> FormPage:
    fields = [
        item("full_name", "氏名", key="name"),
        item("phone", "電話", key="phone", required=False),
        item("text", "手帳の番号", key="card", sensitive=True),
        item("choice", "体調", key="ill", required=False, sensitive=True, choices=ILL),
    ]
    group = item("repeat", "家族", word="ご家族", sensitive=sensitive, fields=fields)
    return make_form(cast.children, steps={"申請者": [item("full_name", "申請者"), group]})


def family_of(application: Application, *, show_sensitive: bool) -> tuple[str, bool]:
    [section] = sections_of(Application.objects.get(pk=application.pk), show_sensitive=show_sensitive)
    row = section.rows[1]
    return row.text, row.is_masked


@pytest.fixture
def application(cast: Cast) -> Application:
    return submit(form_of(cast), {"申請者": {"family": "見本", "given": "花子"}, "家族": FAMILY})


def test_an_officer_reads_every_row(application: Application) -> None:
    assert family_of(application, show_sensitive=True) == (
        "【1人目】\n氏名：𠮷田 太郎\n電話：090-1111-2222\n手帳の番号：AB-1234567\n体調：療養中\n\n"
        "【2人目】\n氏名：見本 次郎\n手帳の番号：12",
        False,
    )


def test_who_may_not_see_sensitive_answers_reads_the_others_of_a_row(application: Application) -> None:
    assert family_of(application, show_sensitive=False) == (
        f"【1人目】\n氏名：𠮷田 太郎\n電話：090-1111-2222\n手帳の番号：{HIDDEN}567\n体調：{HIDDEN}\n\n"
        f"【2人目】\n氏名：見本 次郎\n手帳の番号：{HIDDEN}",
        True,
    )


def test_a_group_that_is_sensitive_as_a_whole_is_hidden_as_a_whole(cast: Cast) -> None:
    application = submit(form_of(cast, sensitive=True), {"申請者": {"family": "見本", "given": "花子"}, "家族": FAMILY})

    assert family_of(application, show_sensitive=False) == (HIDDEN, True)
    assert "太郎" not in application.search_text


def test_a_sensitive_item_of_a_row_is_sealed_in_the_database(application: Application) -> None:
    kept = json.dumps(Application.objects.values_list("answers", flat=True).get(pk=application.pk), ensure_ascii=False)

    assert "1234567" not in kept
    [family] = [answer for answer in opened(application).values() if isinstance(answer, list)]
    assert [row["card"] for row in family] == ["AB-1234567", "12"]


@pytest.mark.parametrize(
    ("words", "found"), [("吉田太郎", 1), ("次郎", 1), ("09011112222", 1), ("1234567", 0), ("三郎", 0)]
)
def test_an_application_is_found_by_who_stands_in_its_rows(
    cast: Cast, application: Application, words: str, found: int
) -> None:
    assert filtered(visible_to(cast.officer), Filters(text=words)).count() == found
    assert application.applicant == "見本 花子"
