"""A form that cannot be published is not, whichever way somebody tries; who tries is told why."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from formbuilder.compiler import CompileErrors
from formbuilder.models import FormPage, mint_version
from tests.formbuilder.drafts import again, approve, hand_in, labels, make_draft, numbers, publish, relabelled
from tests.support.cast import Cast, current_version


@pytest.fixture
def page(cast: Cast) -> FormPage:
    return make_draft(cast)


@pytest.fixture
def broken(page: FormPage) -> FormPage:
    """Live, with a newer draft that cannot be published."""
    page = publish(page)
    draft = relabelled(page, "")
    draft.save_revision()
    return again(page)


def test_a_broken_form_is_not_published_by_a_script(broken: FormPage) -> None:
    with pytest.raises(CompileErrors, match="見出し"):
        broken.get_latest_revision().publish()
    assert labels(current_version(broken)) == ["氏名"]
    assert again(broken).body[0].value["fields"][0].value["label"] == "氏名"


def test_a_broken_form_is_not_even_scheduled(broken: FormPage) -> None:
    draft = broken.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() + timedelta(hours=1)
    with pytest.raises(CompileErrors):
        draft.save_revision().publish()
    assert not broken.revisions.exclude(approved_go_live_at=None).exists()


def test_a_form_that_broke_since_it_was_scheduled_does_not_hold_up_the_others(
    page: FormPage, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page = publish(page)
    revision = page.latest_revision
    body = json.loads(revision.content["body"])
    body[0]["value"]["fields"][0]["value"]["label"] = ""  # as if an update of the program refused it
    revision.content["body"] = json.dumps(body)
    revision.save()
    other = make_draft(cast, "other")
    other.go_live_at = timezone.now() + timedelta(hours=1, minutes=1)
    publish(other)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled")
        assert again(other).live
        assert not again(page).live
    assert "「答えの用紙」は、予定の日時に公開できませんでした。" in caplog.text
    assert not page.revisions.exclude(approved_go_live_at=None).exists()


def test_a_live_page_cannot_be_saved_broken(broken: FormPage) -> None:
    page = again(broken)
    page.body[0].value["fields"][0].value["label"] = ""
    with pytest.raises(CompileErrors):
        page.save()
    assert again(broken).body[0].value["fields"][0].value["label"] == "氏名"


def test_a_version_is_not_made_of_a_broken_form(broken: FormPage) -> None:
    with pytest.raises(CompileErrors):
        mint_version(broken.get_latest_revision_as_object())


def messages(client: Client) -> str:
    return client.get(reverse("wagtailadmin_home")).content.decode()


def test_who_approves_a_broken_form_from_a_list_is_told_why_not(broken: FormPage, cast: Cast, client: Client) -> None:
    hand_in(broken, cast.editor)
    client.force_login(cast.publisher)
    response = approve(client, broken)
    assert response["Location"] == reverse("wagtailadmin_pages:edit", args=[broken.pk])
    said = client.get(response["Location"]).content.decode()
    assert "「答えの用紙」は公開できません。" in said
    assert "見出し（質問）: 必ず入力してください。" in said
    assert again(broken).workflow_in_progress  # undone as a whole
    assert labels(current_version(broken)) == ["氏名"]


def test_who_approves_it_in_a_dialogue_is_sent_to_the_editor(broken: FormPage, cast: Cast, client: Client) -> None:
    hand_in(broken, cast.editor)
    client.force_login(cast.publisher)
    response = approve(client, broken, x_requested_with="XMLHttpRequest")
    edit = reverse("wagtailadmin_pages:edit", args=[broken.pk])
    assert response.json() == {"step": "success", "redirect": edit}
    assert "公開できません" in client.get(edit).content.decode()


def test_who_publishes_a_broken_form_with_others_is_told_and_none_is_published(
    broken: FormPage, cast: Cast, client: Client
) -> None:
    other = make_draft(cast, "other")
    client.force_login(cast.publisher)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    came_from = reverse("wagtailadmin_explore", args=[broken.get_parent().pk])
    response = client.post(
        f"{address}?id={other.pk}&id={broken.pk}",
        {"include_descendants": ""},
        headers={"referer": f"http://testserver{came_from}"},
    )
    assert response["Location"] == f"http://testserver{came_from}"
    assert "「答えの用紙」は公開できません。" in messages(client)
    assert (again(other).live, numbers(other)) == (False, [])


def test_other_errors_are_left_alone(page: FormPage, client: Client, cast: Cast) -> None:
    client.force_login(cast.publisher)
    assert client.get("/admin/pages/999999/edit/").status_code == 404
