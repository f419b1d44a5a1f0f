"""A new form is sent more than once while it is written: Wagtail saves it of itself, and somebody presses a button."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.admin.views.pages.create import CreateView

from cms.models import DepartmentPage
from formbuilder.creating import TOO_LATE
from formbuilder.models import FormPage
from tests.formbuilder.editing import ACTIONS, inputs
from tests.support.cast import Cast, make_cast

OF_ITSELF = {"accept": "application/json"}


def address(cast: Cast) -> str:
    parent = DepartmentPage.objects.get(department=cast.children)
    return reverse("wagtailadmin_pages:add", args=["formbuilder", "formpage", parent.pk])


def blank(title: str = "新しい手続") -> dict[str, str]:
    """What the browser has of a page that is being written: the token came with it."""
    page = FormPage(title=title)
    return {**inputs(page), "token": str(page.translation_key)}


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.publisher)
    return client


def test_the_editor_of_a_new_form_has_a_token(desk: Client, cast: Cast) -> None:
    html = desk.get(address(cast)).content.decode()
    assert re.search(r'<input type="hidden" name="token" value="[0-9a-f-]{36}"', html)


def test_what_the_button_sends_after_the_first_saving_goes_to_the_same_form(desk: Client, cast: Cast) -> None:
    sent = blank()
    saved = desk.post(address(cast), sent, headers=OF_ITSELF).json()
    assert saved["success"]
    pressed = desk.post(address(cast), {**sent, "title": "書き足した手続"})
    assert pressed.status_code == 302
    page = FormPage.objects.get()
    assert page.pk == saved["pk"]
    assert page.get_latest_revision_as_object().title == "書き足した手続"


def test_what_was_saved_of_itself_comes_too_late_after_the_button(desk: Client, cast: Cast) -> None:
    sent = blank()
    desk.post(address(cast), {**sent, "title": "書き足した手続"})
    late = desk.post(address(cast), sent, headers=OF_ITSELF)
    assert (late.status_code, late.json()["error_message"]) == (400, TOO_LATE)
    assert FormPage.objects.get().get_latest_revision_as_object().title == "書き足した手続"


def test_a_token_of_somebody_else_opens_nothing(desk: Client, cast: Cast) -> None:
    sent = blank()
    desk.post(address(cast), sent)
    desk.force_login(cast.editor)
    other = {**blank("別の手続"), "token": sent["token"]}
    assert desk.post(address(cast), other).status_code == 302
    assert sorted(FormPage.objects.values_list("title", flat=True)) == ["別の手続", "新しい手続"]


@pytest.mark.parametrize("token", ["", "x", "\x00", "0" * 400])
def test_a_form_without_a_token_is_made_all_the_same(token: str, desk: Client, cast: Cast) -> None:
    assert desk.post(address(cast), {**blank(), "token": token}).status_code in (200, 302)
    assert FormPage.objects.count() <= 1


def at_once(cast: Cast, requests: list[tuple[dict[str, str], dict[str, str]]]) -> list[Any]:
    """The answers to (data, headers), all sent together; an exception where the server would say 500."""
    together = threading.Barrier(len(requests))
    answers: list[Any] = []

    def go(data: dict[str, str], headers: dict[str, str]) -> None:
        client = Client()
        client.force_login(cast.publisher)
        try:
            together.wait()
            answers.append(client.post(address(cast), data, headers=headers).status_code)
        except Exception as problem:  # noqa: BLE001 - a thread's exception would be lost
            answers.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=request) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_saved_of_itself_and_saved_by_a_button_at_the_same_time() -> None:
    cast = make_cast()
    for number in range(3):
        sent = blank(f"手続{number}")
        written = {**sent, "summary": "書き足した"}
        answers = at_once(cast, [(sent, OF_ITSELF), (written, {}), (written, {})])
        assert set(answers) <= {200, 302, 400}, answers
        page = FormPage.objects.get(title=f"手続{number}")
        assert page.get_latest_revision_as_object().summary == "書き足した"


@pytest.mark.django_db(transaction=True)
def test_published_while_it_is_saved_of_itself() -> None:
    cast = make_cast()
    sent = blank()
    filled = FormPage(title=sent["title"], code=sent["code"])
    answers = at_once(cast, [(sent, OF_ITSELF), ({**sent, **_one_item(filled), **ACTIONS["publish"]}, {})])
    assert set(answers) <= {200, 302, 400}, answers
    page = FormPage.objects.get()
    assert page.live
    assert page.versions.count() == 1


def _one_item(page: FormPage) -> dict[str, str]:
    field = {"type": "text", "id": "f1", "value": {"label": "氏名"}}
    stream = page._meta.get_field("body").stream_block
    page.body = stream.to_python([{"type": "step", "id": "s1", "value": {"title": "一", "fields": [field]}}])
    return inputs(page)


@pytest.mark.django_db(transaction=True)
def test_several_people_make_forms_in_one_section_at_the_same_time() -> None:
    answers = at_once(make_cast(), [(blank(f"手続{number}"), {}) for number in range(4)])
    assert answers == [302] * 4
    assert FormPage.objects.count() == 4
    assert len(set(FormPage.objects.values_list("path", flat=True))) == 4


@pytest.mark.django_db(transaction=True)
def test_without_turns_some_of_them_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: Wagtail's own view, as many times as it takes."""
    cast = make_cast()
    monkeypatch.setattr(CreateView, "run_hook", lambda *_: None)
    for attempt in range(20):
        answers = at_once(cast, [(blank(f"手続{attempt}-{number}"), {}) for number in range(4)])
        if answers != [302] * 4:
            return
    pytest.fail("Nobody got in anybody's way: the tests above show nothing.")
