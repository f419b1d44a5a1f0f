"""The list of applications: what it shows, how it pages, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications import listing
from applications.lifecycle import move
from applications.listing import page_of, visible_to
from applications.models import Application, Channel
from applications.references import new_reference
from applications.status import Action, Status
from cms.models import Role
from staff.models import User
from tests.support.cast import SOMEBODY, Cast, draft, make_staff, submit


def html_of(client: Client, query: str = "") -> str:
    return client.get(f"{reverse('casework:list')}{query}").content.decode()


@pytest.fixture
def officer(cast: Cast, client: Client) -> User:
    client.force_login(cast.officer)
    return cast.officer


def copies(application: Application, count: int, name: str = "copy") -> list[Application]:
    """More of the same, one minute older each."""
    made = []
    for number in range(count):
        copy = Application.objects.get(pk=application.pk)
        copy.pk, copy.public_id, copy.reference = None, f"{name}-{number}".ljust(22, "x"), new_reference()
        assert application.received_at is not None
        copy.received_at = application.received_at - timedelta(minutes=number + 1)
        made.append(copy)
    return Application.objects.bulk_create(made)


def test_a_row_tells_number_form_applicant_state_moment_and_channel(cast: Cast, client: Client, officer: User) -> None:
    application = submit(cast.form, channel=Channel.COUNTER)
    assert application.received_at is not None
    html = html_of(client)
    arrived = timezone.localtime(application.received_at).strftime("%Y-%m-%d %H:%M")
    for shown in (application.reference, "出産応援ギフト", "見本 花子", "受付済", arrived, "窓口"):
        assert str(shown) in html
    assert 'class="w-status casework-status casework-status--new"' in html
    assert reverse("casework:case", args=(application.public_id,)) in html


def test_what_has_not_arrived_is_the_residents_own_business(cast: Cast, client: Client, officer: User) -> None:
    unfinished = draft(cast.form)
    withdrawn = Application.objects.create(
        form=cast.form, version=unfinished.version, department=cast.children, status=Status.WITHDRAWN
    )
    assert not visible_to(officer).exists()
    for application in (unfinished, withdrawn):
        assert client.get(reverse("casework:case", args=(application.public_id,))).status_code == 404


def test_what_arrived_stays_in_the_books_after_it_expired(cast: Cast, officer: User) -> None:
    application = submit(cast.form)
    move(application.pk, Action.RETURN)
    move(application.pk, Action.EXPIRE)
    assert visible_to(officer).get().status == Status.EXPIRED


def test_an_officer_of_two_departments_sees_both(cast: Cast) -> None:
    both = make_staff("both", (cast.children, Role.OFFICER), (cast.waste, Role.AUDITOR))
    mine = {submit(cast.form).pk, submit(cast.other_form).pk}
    assert set(visible_to(both).values_list("pk", flat=True)) == mine


def test_an_empty_list_says_when_there_will_be_something(cast: Cast, client: Client, officer: User) -> None:
    assert "申請はまだ届いていません" in html_of(client)


def test_a_search_without_result_says_what_to_do(cast: Cast, client: Client, officer: User) -> None:
    submit(cast.form)
    html = html_of(client, "?q=いない人")
    assert "条件に合う申請はありません" in html
    assert "条件をすべて消す" in html


UNREADABLE = [
    "?received_from=2026-13-45",
    "?received_to=きのう",
    "?status=draft",
    "?form=abc",
    "?form=999999999999999999999999",
    "?form=%00",
]


def test_a_filter_that_cannot_be_read_shows_nothing_instead_of_everything(
    cast: Cast, client: Client, officer: User
) -> None:
    application = submit(cast.form)
    for query in UNREADABLE:
        response = client.get(f"{reverse('casework:list')}{query}")
        assert response.status_code == 200
        html = response.content.decode()
        assert "絞り込みの条件を読み取れませんでした" in html, query
        assert str(application.reference) not in html, query


STRANGE = [
    "?q=%00",
    "?q=%ED%A0%80",
    "?q=" + "長" * 3000,
    "?q=%25%5C%27%22",
    "?received_from=0001-01-01&received_to=9999-12-31",
    "?after=%00&before=%00",
    "?after=nothing-like-that",
    "?after=new.nothing-like-that",
    "?after=new.%00",
    "?before=" + "x" * 500,
    "?ordering=answers",
    "?p=99",
]


def test_whatever_stands_in_the_address_is_answered(cast: Cast, client: Client, officer: User) -> None:
    submit(cast.form)
    for query in STRANGE:
        for name in ("casework:list", "casework:list_results"):
            assert client.get(f"{reverse(name)}{query}").status_code == 200, query


def test_filters_stay_in_the_address_while_one_pages(
    cast: Cast, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    copies(submit(cast.form), 4)
    first = html_of(client, "?status=submitted&q=花子")
    last = page_of(visible_to(officer)).rows[-1]
    assert f"status=submitted&amp;q=%E8%8A%B1%E5%AD%90&amp;after=new.{last.public_id}" in first


def test_the_pager_says_how_many_a_page_has(
    cast: Cast, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    copies(submit(cast.form), 4)
    html = html_of(client)
    assert "前の2件" in html and "次の2件" in html


def test_all_pages_together_are_the_list_each_application_once(
    cast: Cast, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    first = submit(cast.form)
    copies(first, 4)
    Application.objects.exclude(pk=first.pk).update(received_at=first.received_at)  # only the key tells them apart
    copies(first, 3, "older")
    for oldest_first in (False, True):
        seen, after = [], ""
        while True:
            page = page_of(visible_to(officer), oldest_first=oldest_first, after=after)
            seen += [row.pk for row in page.rows]
            after = page.after
            if not after:
                break
        order = ("received_at", "pk") if oldest_first else ("-received_at", "-pk")
        assert seen == list(visible_to(officer).order_by(*order).values_list("pk", flat=True))


def test_going_back_shows_the_page_one_came_from(cast: Cast, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    copies(submit(cast.form), 5)
    first = page_of(visible_to(officer))
    second = page_of(visible_to(officer), after=first.after)
    third = page_of(visible_to(officer), after=second.after)
    assert (first.before, third.after) == ("", "")
    assert page_of(visible_to(officer), before=third.before).rows == second.rows
    back = page_of(visible_to(officer), before=second.before)
    assert (back.rows, back.before) == (first.rows, "")


def test_a_place_in_one_order_is_none_in_the_other(cast: Cast, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    copies(submit(cast.form), 5)
    first = page_of(visible_to(officer))
    begun_anew = page_of(visible_to(officer), oldest_first=True, after=first.after)
    assert begun_anew.rows == page_of(visible_to(officer), oldest_first=True).rows


def test_the_count_stops_where_nobody_reads_it_any_more(
    cast: Cast, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies(submit(cast.form), 5)
    assert "申請 6件" in html_of(client)
    monkeypatch.setattr(listing, "MOST", 4)
    monkeypatch.setattr("casework.views.MOST", 4)
    assert page_of(visible_to(officer)).total == 5
    assert "申請 4件以上" in html_of(client)


def test_the_list_can_begin_with_the_oldest(cast: Cast, client: Client, officer: User) -> None:
    newest = submit(cast.form)
    oldest = copies(newest, 1)[0]
    html = html_of(client, "?ordering=received_at")
    assert html.index(str(oldest.reference)) < html.index(str(newest.reference))


def test_the_number_of_queries_does_not_depend_on_the_number_of_applications(
    cast: Cast, client: Client, officer: User
) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "答えは一覧に要らない"})
    html_of(client)  # what is cached is cached now
    with CaptureQueriesContext(connection) as few:
        html_of(client)
    copies(application, 70)
    with CaptureQueriesContext(connection) as many:
        html_of(client)
    assert len(many) == len(few) <= 20
    assert not any('"answers"' in query["sql"] for query in many.captured_queries)
