"""Who looks at a case is written down before it is shown, and only the department's auditors read that."""

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from applications.models import Application, Attachment
from cms.models import Role
from records.looks import note_look
from records.models import Look, Seen
from tests.support.cast import Cast, item, key_of, make_form, make_staff, submit


@pytest.fixture
def image_case(cast: Cast) -> tuple[Application, Attachment]:
    form = make_form(cast.children, code="photo", steps={"写真": [item("file", "写真", required=False)]})
    application = submit(form, {})
    attachment = Attachment(
        application=application,
        field_key=key_of("写真"),
        name="表紙.jpg",
        content_type="image/jpeg",
        size=7,
        sha256="0" * 64,
    )
    attachment.file.save("表紙.jpg", ContentFile(b"content"))
    return application, attachment


@pytest.fixture
def case(cast: Cast) -> Application:
    return submit(cast.form)


def number(case: Application) -> str:
    assert case.reference is not None
    return case.reference


def address(case: Application) -> str:
    return reverse("casework:case", args=(case.public_id,))


def test_a_look_at_a_case_says_who_what_and_of_which_department(cast: Cast, client: Client, case: Application) -> None:
    client.force_login(cast.officer)
    assert client.get(address(case)).status_code == 200
    look = Look.objects.get()
    assert (look.user, look.department, look.seen) == (cast.officer, cast.children, Seen.CASE)
    assert (look.application_id, look.reference, look.form_title) == (case.pk, case.reference, cast.form.title)


def test_each_look_counts(cast: Cast, client: Client, case: Application) -> None:
    client.force_login(cast.officer)
    for _ in range(3):
        client.get(address(case))
    client.head(address(case))
    assert Look.objects.count() == 4


def test_who_may_not_see_it_leaves_no_look(cast: Cast, client: Client, case: Application) -> None:
    client.force_login(cast.other_officer)
    assert client.get(address(case)).status_code == 404
    assert not Look.objects.exists()


def test_a_file_that_is_opened_is_written_down_by_its_number(
    cast: Cast, client: Client, image_case: tuple[Application, Attachment]
) -> None:
    case, attachment = image_case
    client.force_login(cast.officer)
    answer = client.get(reverse("casework:file", args=(case.public_id, attachment.public_id)))
    assert b"".join(answer) == b"content"
    look = Look.objects.get()
    assert (look.seen, look.file, look.reference) == (Seen.FILE, attachment.public_id, case.reference)


def test_what_cannot_be_written_down_is_not_shown(
    cast: Cast, client: Client, case: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(Look.objects, "create", fail)
    client.force_login(cast.officer)
    client.raise_request_exception = False
    answer = client.get(address(case))
    assert answer.status_code == 500
    assert "見本" not in answer.content.decode()


def rows(client: Client, **query: str) -> str:
    return client.get(reverse("records:list_results"), query).content.decode()


def test_the_auditor_of_the_department_reads_them_and_nobody_else(
    cast: Cast, client: Client, case: Application
) -> None:
    note_look(cast.officer, case, Seen.CASE)
    client.force_login(make_staff("kansa", (cast.children, Role.AUDITOR)))
    assert number(case) in rows(client)
    for other in (cast.officer, cast.approver, cast.other_officer):
        client.force_login(other)
        assert client.get(reverse("records:list")).status_code in (302, 403)
    client.force_login(make_staff("yoso", (cast.waste, Role.AUDITOR)))
    assert number(case) not in rows(client)


def test_the_auditor_finds_by_number_person_and_day(cast: Cast, client: Client, case: Application) -> None:
    note_look(cast.officer, case, Seen.CASE)
    other = submit(cast.form)
    note_look(cast.approver, other, Seen.FILE, file="x")
    client.force_login(make_staff("kansa", (cast.children, Role.AUDITOR)))
    assert number(case) in rows(client, q=number(case).lower())
    assert number(other) not in rows(client, q=number(case))
    by_person = rows(client, user=str(cast.approver.pk))
    assert number(other) in by_person
    assert number(case) not in by_person
    by_kind = rows(client, seen="case")
    assert number(case) in by_kind
    assert number(other) not in by_kind
    assert number(case) not in rows(client, day_to="2001-01-01")
    assert number(case) in rows(client, day_from="2001-01-01")


@pytest.mark.parametrize("query", [{"user": "x"}, {"user": "9" * 30}, {"day_from": "x"}, {"q": "\0"}, {"seen": "?"}])
def test_a_filter_that_means_nothing_is_no_error(cast: Cast, client: Client, query: dict[str, str]) -> None:
    client.force_login(make_staff("kansa", (cast.children, Role.AUDITOR)))
    assert client.get(reverse("records:list"), query).status_code == 200
