"""Filters and the search of the list."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from applications.lifecycle import move
from applications.listing import Filters, as_reference, filtered, visible_to
from applications.models import Application
from applications.references import new_reference
from applications.status import Action, Status
from tests.support.cast import SOMEBODY, Cast, submit

FOUND_BY = {
    "氏名": {"family": "𠮷田", "given": "花子"},
    "フリガナ": {"family": "ヨシダ", "given": "ハナコ"},
    "メールアドレス": "Hanako.Y@example.jp",
    "電話番号": "090-1234-5678",
    "備考": "夜間は不在",
}


def found(cast: Cast, filters: Filters) -> set[int]:
    return set(filtered(visible_to(cast.officer), filters).values_list("pk", flat=True))


def arrived(application: Application, at: datetime) -> Application:
    Application.objects.filter(pk=application.pk).update(received_at=at)
    return application


WAYS = [
    "𠮷田",
    "𠮷田花子",
    "吉田",
    "吉田花子",
    "𠮷田 花子",
    "花子　𠮷田",
    "ヨシダ",
    "よしだ",
    "ﾖｼﾀﾞ はなこ",
    "hanako.y@example.jp",
    "ＨＡＮＡＫＯ",
    "090-1234-5678",
    "09012345678",
    "０９０１２３４５６７８",
    "090ー1234ー5678",
    "+81-90-1234-5678",
    "(090)12345678",
    "5678",
    "不在",
]


def test_an_application_is_found_by_whatever_the_resident_says_on_the_telephone(cast: Cast) -> None:
    application = submit(cast.form, FOUND_BY)
    submit(cast.form)
    assert {text: found(cast, Filters(text=text)) for text in WAYS} == {text: {application.pk} for text in WAYS}


def test_what_does_not_occur_is_not_found(cast: Cast) -> None:
    submit(cast.form, FOUND_BY)
    strangers = ["古田", "花子 太郎", "080-1234-5678", "%", "_", "\\"]
    assert {text: found(cast, Filters(text=text)) for text in strangers} == {text: set() for text in strangers}


def test_a_reference_is_found_however_it_is_written(cast: Cast) -> None:
    application = submit(cast.form)
    submit(cast.form)
    reference = str(application.reference)
    full_width = reference.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    for text in (reference, reference.replace("-", ""), reference.lower(), reference.replace("-", " "), full_width):
        assert found(cast, Filters(text=text)) == {application.pk}
    assert application.pk in found(cast, Filters(text=reference[:4]))
    assert application.pk in found(cast, Filters(text=reference.replace("-", "")[:6]))


@given(st.text(max_size=30))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    assert as_reference(text) is None or len(as_reference(text) or "") == 11


def test_every_reference_is_recognised_without_its_hyphens() -> None:
    references = [new_reference() for _ in range(200)]
    assert [as_reference(each.replace("-", "").lower()) for each in references] == references


def test_forms_and_states_are_alternatives_and_all_filters_count_together(cast: Cast) -> None:
    new, working, returned = (
        submit(cast.form, answers) for answers in ({**SOMEBODY, "備考": "急ぎ"}, SOMEBODY, SOMEBODY)
    )
    move(working.pk, Action.REVIEW)
    move(returned.pk, Action.RETURN)
    both = Filters(statuses=(Status.SUBMITTED, Status.RETURNED))
    assert found(cast, both) == {new.pk, returned.pk}
    assert found(cast, Filters(forms=(cast.form.pk, cast.other_form.pk), statuses=both.statuses, text="急ぎ")) == {
        new.pk
    }
    assert found(cast, Filters(forms=(cast.other_form.pk,))) == set()


DAY = date(2026, 11, 22)
# 2026-11-22 in Japan lasts from 15:00 UTC on the 21st to 15:00 UTC on the 22nd
FIRST, LAST = datetime(2026, 11, 21, 15, tzinfo=UTC), datetime(2026, 11, 22, 14, 59, 59, 999_999, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 11, 21, 14, 59, 59, 999_000, tzinfo=UTC), datetime(2026, 11, 22, 15, tzinfo=UTC)


PERIODS: list[tuple[Filters, set[datetime]]] = [
    (Filters(received_from=DAY, received_to=DAY), {FIRST, LAST}),
    (Filters(received_from=DAY), {FIRST, LAST, AFTER}),
    (Filters(received_to=DAY), {BEFORE, FIRST, LAST}),
    (Filters(received_from=date.min, received_to=date.max), {BEFORE, FIRST, LAST, AFTER}),
    (Filters(received_from=date.max), set()),
    (Filters(received_to=date.min), set()),
    (Filters(received_from=date(2026, 11, 23), received_to=DAY), set()),
]


def test_a_period_is_counted_in_japanese_days(cast: Cast) -> None:
    made = {arrived(submit(cast.form), moment).pk: moment for moment in (BEFORE, FIRST, LAST, AFTER)}
    for filters, expected in PERIODS:
        assert {made[pk] for pk in found(cast, filters)} == expected, filters


def test_a_sensitive_answer_is_not_searched(cast: Cast) -> None:
    account = {
        "bank_code": "0140",
        "bank_name": "みほん銀行",
        "branch_code": "001",
        "branch_name": "本店",
        "kind": "1",
        "number": "7654321",
        "holder": "ﾐﾎﾝ ﾊﾅｺ",
    }
    submit(cast.form, {**SOMEBODY, "振込先": account})
    assert found(cast, Filters(text="7654321")) == set()
