"""Every way of publishing freezes a version, and nothing else does."""

import threading
from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.create_alias import CreatePageAliasAction

from applications.services import start_draft
from formbuilder.models import FormPage, FormVersion
from staff.models import User
from tests.formbuilder.drafts import (
    again,
    approve,
    hand_in,
    labels,
    make_draft,
    numbers,
    publish,
    relabelled,
    section_of,
)
from tests.formbuilder.editing import inputs, send
from tests.support.cast import Cast, current_version, key_of, make_cast


@pytest.fixture
def page(cast: Cast) -> FormPage:
    return make_draft(cast)


# --- a version for what is live, and only for that


def test_a_draft_has_no_version(page: FormPage) -> None:
    assert numbers(page) == []
    assert not page.live


def test_publishing_freezes_what_the_form_is(page: FormPage, cast: Cast) -> None:
    publish(page)
    version = current_version(page)
    assert (version.number, version.department) == (1, cast.children)
    assert labels(version) == ["氏名"]
    assert version.digest == page.compile().digest()


def test_publishing_an_unchanged_form_makes_no_new_version(page: FormPage) -> None:
    publish(publish(page))
    assert numbers(page) == [1]


def test_only_the_guide_changed_is_no_new_version(page: FormPage) -> None:
    page = publish(page)
    page.guide = "<p>新しい案内</p>"
    publish(page)
    assert numbers(page) == [1]


def test_a_changed_form_gets_the_next_number_and_the_old_version_stays_as_it_was(page: FormPage) -> None:
    publish(page)
    first = current_version(page)
    publish(relabelled(page, "お名前"))
    assert numbers(page) == [1, 2]
    assert labels(current_version(page)) == ["お名前"]
    kept = FormVersion.objects.get(pk=first.pk)
    assert (kept.is_current, kept.document, kept.digest) == (False, first.document, first.digest)


def test_a_new_draft_changes_nothing_for_residents(page: FormPage, client: Client) -> None:
    publish(page)
    relabelled(page, "お名前").save_revision()
    assert labels(current_version(page)) == ["氏名"]
    assert "氏名" in client.get("/apply/kotae/1/").content.decode()


def test_going_back_to_an_older_revision_is_a_version_of_its_own(page: FormPage) -> None:
    page = publish(page)
    first = page.latest_revision
    publish(relabelled(page, "お名前"))
    first.publish()
    assert numbers(page) == [1, 2, 3]
    assert labels(current_version(page)) == ["氏名"]
    digests = FormVersion.objects.filter(form=page).order_by("number").values_list("digest", flat=True)
    assert digests[0] == digests[2]


def test_unpublishing_closes_the_form_and_publishing_opens_it_with_the_same_version(
    page: FormPage, client: Client
) -> None:
    page = publish(page)
    assert client.get("/apply/kotae/1/").status_code == 200
    page.unpublish()
    assert client.get("/apply/kotae/1/").status_code == 410
    assert client.get("/apply/kotae/").status_code == 410
    publish(again(page))
    assert client.get("/apply/kotae/1/").status_code == 200
    assert numbers(page) == [1]


# --- ways of publishing


def test_a_scheduled_form_gets_its_version_when_its_time_comes(page: FormPage, client: Client) -> None:
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page = publish(page)
    assert (page.live, numbers(page)) == (False, [])
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled")
        assert (again(page).live, numbers(page)) == (True, [1])
        assert client.get("/apply/kotae/1/").status_code == 200


def test_a_live_form_keeps_its_version_until_the_time_of_the_next(page: FormPage) -> None:
    page = publish(page)
    draft = relabelled(page, "お名前")
    draft.go_live_at = timezone.now() + timedelta(hours=1)
    draft.save_revision().publish()
    assert labels(current_version(page)) == ["氏名"]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled")
    assert labels(current_version(page)) == ["お名前"]


def test_a_form_expires_and_closes(page: FormPage, client: Client) -> None:
    page.expire_at = timezone.now() + timedelta(hours=1)
    publish(page)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled")
        assert client.get("/apply/kotae/1/").status_code == 410


def test_an_approved_form_gets_its_version(page: FormPage, cast: Cast, client: Client) -> None:
    page.save_revision()
    hand_in(page, cast.editor)
    assert numbers(page) == []
    client.force_login(cast.publisher)
    approve(client, page)
    assert again(page).live
    assert numbers(page) == [1]


def test_several_forms_are_published_at_once(cast: Cast, client: Client) -> None:
    pages = [make_draft(cast, "one"), make_draft(cast, "two")]
    client.force_login(cast.publisher)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{address}?id={pages[0].pk}&id={pages[1].pk}", {"include_descendants": ""})
    assert [numbers(page) for page in pages] == [[1], [1]]


@pytest.mark.django_db(transaction=True)
def test_two_people_publish_at_the_same_time() -> None:
    page = publish(make_draft(make_cast()))
    drafts = [relabelled(page, f"見出し{number}").save_revision() for number in range(4)]
    together, failures = threading.Barrier(len(drafts)), []

    def go(number: int) -> None:
        try:
            together.wait()
            drafts[number].publish()
        except Exception as problem:  # noqa: BLE001 - a thread's exception would be lost
            failures.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[number]) for number in range(len(drafts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert numbers(page) == [1, 2, 3, 4, 5]
    assert FormVersion.objects.filter(form=page, is_current=True).count() == 1
    assert labels(current_version(page)) == [again(page).body[0].value["fields"][0].value["label"]]


# --- copies, aliases, moves


def copied(page: FormPage, client: Client, user: User, **choices: str) -> FormPage:
    client.force_login(user)
    parent = page.get_parent().pk
    data = {"new_title": "写し", "new_slug": "utsushi", "new_parent_page": parent, **choices}
    client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), data)
    return FormPage.objects.get(slug="utsushi")


def test_a_copy_has_an_address_of_its_own_and_works(page: FormPage, cast: Cast, client: Client) -> None:
    publish(page)
    copy = copied(page, client, cast.publisher)
    assert copy.code != page.code
    assert (copy.live, numbers(copy)) == (False, [])
    copy = publish(copy.get_latest_revision_as_object())
    assert copy.title == "写し"
    assert client.get(f"/apply/{copy.code}/1/").status_code == 200
    assert client.get("/apply/kotae/1/").status_code == 200


def test_a_copy_that_is_published_at_once_has_its_version(page: FormPage, cast: Cast, client: Client) -> None:
    publish(page)
    copy = copied(page, client, cast.publisher, publish_copies="on")
    assert (copy.live, numbers(copy)) == (True, [1])
    assert client.get(f"/apply/{copy.code}/1/").status_code == 200


def test_an_alias_follows_the_form_under_its_own_address(page: FormPage, cast: Cast, client: Client) -> None:
    page = publish(page)
    alias = CreatePageAliasAction(page, parent=section_of(cast.waste), update_slug="betsumei").execute()
    code = FormPage.objects.get(pk=alias.pk).code
    assert code != "kotae"
    publish(relabelled(page, "お名前"))
    alias = FormPage.objects.get(pk=alias.pk)
    assert alias.code == code
    version = current_version(alias)
    assert (labels(version), version.department) == (["お名前"], cast.waste)
    assert client.get(f"/apply/{code}/1/").status_code == 200


def test_a_moved_form_belongs_to_the_department_it_moved_to(page: FormPage, cast: Cast) -> None:
    page = publish(page)
    draft = start_draft(version=current_version(page), answers={"a": "見本"}).application
    page.move(section_of(cast.waste), pos="last-child")
    version = current_version(page)
    assert (version.number, version.department, labels(version)) == (2, cast.waste, ["氏名"])
    assert start_draft(version=version).application.department == cast.waste
    draft.refresh_from_db()
    assert draft.department == cast.children  # what was begun stays where it is


def test_a_form_moved_within_its_department_keeps_its_version(page: FormPage, cast: Cast) -> None:
    page = publish(page)
    other = publish(make_draft(cast, "other"))
    page.move(other, pos="right")
    assert numbers(page) == [1]


def test_a_moved_draft_gets_the_department_when_it_is_published(page: FormPage, cast: Cast) -> None:
    page.move(section_of(cast.waste), pos="last-child")
    assert numbers(page) == []
    publish(again(page))
    assert current_version(page).department == cast.waste


# --- old and new, side by side


def test_revisions_can_be_compared(page: FormPage, cast: Cast, client: Client) -> None:
    page = publish(page)
    first = page.latest_revision
    data = deepcopy(relabelled(page, "お名前"))
    second = data.save_revision()
    client.force_login(cast.publisher)
    for ids in ((first.pk, second.pk), ("live", "latest"), ("earliest", second.pk)):
        response = client.get(reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, *ids]))
        assert response.status_code == 200
        assert "お名前" in response.content.decode()


def test_a_locked_form_is_not_changed_by_others(page: FormPage, cast: Cast, client: Client) -> None:
    page = publish(page)
    client.force_login(cast.publisher)
    client.post(reverse("wagtailadmin_pages:lock", args=[page.pk]))
    assert again(page).locked
    assert numbers(page) == [1]
    client.force_login(cast.editor)
    before = page.revisions.count()
    assert send(client, page, {**inputs(page), "title": "変えた"}).status_code == 200
    assert page.revisions.count() == before
    client.force_login(cast.publisher)
    assert send(client, page, {**inputs(page), "title": "変えた"}).status_code == 302
    assert page.revisions.count() == before + 1


def test_the_key_of_an_item_is_the_id_of_its_block(page: FormPage) -> None:
    page = publish(page)
    assert [field.key for field in current_version(page).engine.definition.fields()] == ["a"]
    assert page.body[0].value["fields"][0].id == "a"
    assert key_of("氏名") != "a"
