"""The first page of the admin says what waits, and nobody sees another department's numbers."""

from django.test import Client

from applications.lifecycle import move
from applications.status import Action
from tests.support.cast import Cast, submit

HOME = "/admin/"


def counts_on(client: Client) -> list[str]:
    page = client.get(HOME).content.decode()
    return [part.split("件")[0].split(">")[-1] for part in page.split("?status=")[1:]][1::2]


def test_the_desk_sees_how_many_stand_where(cast: Cast, client: Client) -> None:
    for _ in range(3):
        submit(cast.form)
    move(submit(cast.form).pk, Action.REVIEW)
    client.force_login(cast.officer)
    assert counts_on(client) == ["3", "1", "0", "0"]


def test_another_department_counts_none_of_them(cast: Cast, client: Client) -> None:
    submit(cast.form)
    client.force_login(cast.other_officer)
    assert counts_on(client) == ["0", "0", "0", "0"]


def test_who_may_not_read_cases_sees_no_numbers(cast: Cast, client: Client) -> None:
    submit(cast.form)
    for user in (cast.editor, cast.admin):
        client.force_login(user)
        assert "届いている申請" not in client.get(HOME).content.decode()


def test_an_editor_finds_the_forms_and_a_way_to_a_new_one(cast: Cast, client: Client) -> None:
    client.force_login(cast.editor)
    page = client.get(HOME).content.decode()
    assert f"/admin/pages/{cast.form.pk}/edit/" in client.get(HOME).content.decode()
    section = cast.form.get_parent()
    assert f"/admin/pages/add/formbuilder/formpage/{section.pk}/" in page
    assert cast.other_form.title not in client.get(HOME).content.decode()


def test_nothing_on_the_first_page_leads_outside(cast: Cast, client: Client) -> None:
    for user in (cast.officer, cast.publisher, cast.admin):
        client.force_login(user)
        assert "wagtail.org" not in client.get(HOME).content.decode()
