"""満足度 as the departments see it: each its own, and nobody else."""

from collections.abc import Sequence

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications.models import Application, ExportRecord
from cms.models import Role
from followup.models import Rating
from followup.ratings import may_rate, rate
from followup.results import results_for
from tests.followup.following import arrived
from tests.support.cast import Cast, make_staff

LIST = "/admin/ratings/"


def rated(cast: Cast, scores: Sequence[int] = (5, 4, 2), comment: str = "よい手続でした") -> Application:
    for score in scores:
        application = arrived(cast.form)
        assert rate(application, score, comment)
    return application


def page_of(cast: Cast) -> str:
    return f"{LIST}{cast.form.pk}/"


def test_the_department_sees_average_counts_and_comments(cast: Cast, client: Client) -> None:
    rated(cast)
    client.force_login(cast.officer)
    assert "3.7" in client.get(LIST).content.decode()
    html = client.get(page_of(cast)).content.decode()
    for shown in ("平均 3.7（回答 3件）", "よい手続でした", "5 とても満足", "33%", "CSVで出力"):
        assert shown in html
    (result,) = results_for(cast.officer)
    assert [count for _, _, count, _ in result.counts] == [1, 1, 0, 1, 0]


def test_another_department_sees_nothing(cast: Cast, client: Client) -> None:
    rated(cast)
    client.force_login(cast.other_officer)
    assert cast.form.title not in client.get(LIST).content.decode()
    for address in (page_of(cast), f"{page_of(cast)}results/"):
        assert client.get(address).status_code == 404
    assert client.post(f"{page_of(cast)}csv/").status_code == 404
    assert not ExportRecord.objects.exists()


def test_an_application_that_moved_takes_its_answer_along(cast: Cast, client: Client) -> None:
    application = rated(cast, (1,), "引っ越した意見")
    Application.objects.filter(pk=application.pk).update(department=cast.waste)
    client.force_login(cast.officer)
    assert client.get(page_of(cast)).status_code == 404
    client.force_login(cast.other_officer)
    assert "引っ越した意見" in client.get(page_of(cast)).content.decode()


@pytest.mark.parametrize("who", ["admin", "editor", "publisher"])
def test_who_reads_no_cases_reads_no_answers(cast: Cast, client: Client, who: str) -> None:
    rated(cast)
    client.force_login(getattr(cast, who))
    for address in (LIST, page_of(cast)):
        response = client.get(address)
        assert response.status_code == 302 and response["Location"] == "/admin/"
    client.post(f"{page_of(cast)}csv/")
    assert not ExportRecord.objects.exists()
    assert "/admin/ratings/" not in client.get("/admin/").content.decode()


def test_who_is_nobody_is_asked_to_log_in(cast: Cast, client: Client) -> None:
    for response in (client.get(LIST), client.get(page_of(cast)), client.post(f"{page_of(cast)}csv/")):
        assert response.status_code == 302 and "/admin/login/" in response["Location"]


def test_who_may_not_export_gets_no_file(cast: Cast, client: Client) -> None:
    rated(cast)
    client.force_login(cast.auditor)
    assert "CSVで出力" not in client.get(page_of(cast)).content.decode()
    assert client.post(f"{page_of(cast)}csv/").status_code == 302
    assert not ExportRecord.objects.exists()


def test_the_file_is_recorded_and_calculates_nothing(cast: Cast, client: Client) -> None:
    rated(cast, (5,), "=1+1\n二行目,と")
    client.force_login(cast.officer)
    assert client.get(f"{page_of(cast)}csv/").status_code == 405
    response = client.post(f"{page_of(cast)}csv/")
    text = response.content.decode("utf-8-sig")
    assert text.startswith("日時,満足度,ご意見\r\n") and '"\'=1+1\n二行目,と"' in text
    assert "no-store" in response["Cache-Control"]
    record = ExportRecord.objects.get()
    assert (record.user, record.department, record.rows) == (cast.officer, cast.children, 1)
    assert "満足度" in record.form_title


def test_a_file_holds_only_what_one_may_export(cast: Cast, client: Client) -> None:
    """Reads two departments, exports for one."""
    both = make_staff("both", (cast.children, Role.OFFICER), (cast.waste, Role.AUDITOR))
    rated(cast, (5,), "うちの課")
    other = rated(cast, (1,), "よその課")
    Application.objects.filter(pk=other.pk).update(department=cast.waste)
    client.force_login(both)
    assert "よその課" in client.get(page_of(cast)).content.decode()
    text = client.post(f"{page_of(cast)}csv/").content.decode()
    assert "うちの課" in text and "よその課" not in text
    assert ExportRecord.objects.get().department == cast.children


def test_what_residents_write_is_never_html(cast: Cast, client: Client) -> None:
    rated(cast, (3,), "<script>alert(1)</script>")
    client.force_login(cast.officer)
    assert "<script>alert(1)" not in client.get(page_of(cast)).content.decode()


def test_no_answer_names_who_gave_it(cast: Cast, client: Client) -> None:
    application = rated(cast, (3,))
    client.force_login(cast.officer)
    html = client.get(page_of(cast)).content.decode()
    assert str(application.reference) not in html and "見本 花子" not in html


def test_without_answers_the_page_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    assert "まだありません" in client.get(LIST).content.decode()
    assert client.get(page_of(cast)).status_code == 404


def test_the_pages_cost_the_same_for_any_number_of_answers(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rated(cast, (1, 2, 3, 4, 5) * 6)
    client.force_login(cast.officer)
    client.get(page_of(cast))
    for address in (LIST, page_of(cast)):
        with django_assert_max_num_queries(24):
            client.get(address)


def test_two_answers_at_once_are_one(cast: Cast) -> None:
    application = arrived(cast.form)
    assert rate(application, 5, "") and not rate(application, 1, "")
    assert Rating.objects.get().score == 5 and not may_rate(application)
