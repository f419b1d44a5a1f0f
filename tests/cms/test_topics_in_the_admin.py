"""Administrators make and order what residents look for procedures by; editors choose it for their procedures."""

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import Category, LifeEvent
from cms.topics import ICONS
from formbuilder.models import FormPage
from tests.support.cast import Cast, make_cast, make_form
from tests.support.surroundings import ROOT


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize(("model", "name"), [(Category, "categories"), (LifeEvent, "life-events")])
def test_an_administrator_makes_and_orders_them(
    cast: Cast, client: Client, model: type[Category | LifeEvent], name: str
) -> None:
    client.force_login(cast.admin)
    for text in ("転居", "妊娠・出産"):
        added = client.post(reverse(f"{name}:add"), {"name": text, "icon": "house"})
        assert added.status_code == 302
    assert [topic.name for topic in model.objects.all()] == ["転居", "妊娠・出産"]
    client.post(reverse(f"{name}:reorder", args=[model.objects.get(name="妊娠・出産").pk]) + "?position=0")
    assert [topic.name for topic in model.objects.all()] == ["妊娠・出産", "転居"]
    page = client.get(reverse(f"{name}:index")).content.decode()
    assert page.rindex("妊娠・出産") < page.rindex("転居") and "住まい・引越し" in page
    refused = client.post(reverse(f"{name}:add"), {"name": "転居"})
    assert refused.status_code == 200 and model.objects.count() == 2


@pytest.mark.parametrize("name", ["categories", "life-events"])
def test_nobody_else_may(cast: Cast, client: Client, name: str) -> None:
    for user in (cast.editor, cast.publisher, cast.officer):
        client.force_login(user)
        assert client.post(reverse(f"{name}:add"), {"name": "転居"}).status_code == 302
    assert not Category.objects.exists() and not LifeEvent.objects.exists()


def test_an_editor_chooses_them_on_the_form(cast: Cast, client: Client) -> None:
    LifeEvent.objects.create(name="妊娠・出産")
    page = make_form(cast.children)
    client.force_login(cast.editor)
    text = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    for label in ("受付期間と一覧", "妊娠・出産", "受付開始", "検索語"):
        assert label in text


def test_a_draft_whose_topic_has_gone_still_opens_and_can_be_published(cast: Cast, client: Client) -> None:
    birth, gone = LifeEvent.objects.create(name="妊娠・出産"), LifeEvent.objects.create(name="消えるもの")
    page = make_form(cast.children)
    draft = page.get_latest_revision_as_object()
    draft.life_events.set([birth, gone])
    revision = draft.save_revision()
    gone.delete()
    client.force_login(cast.editor)
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    revision.publish()
    assert list(FormPage.objects.get(pk=page.pk).life_events.all()) == [birth]


def test_every_picture_that_can_be_chosen_is_drawn() -> None:
    drawn = (ROOT / "cms" / "static" / "cms" / "img" / "topics.svg").read_text(encoding="utf-8")
    assert [name for name, _ in ICONS if f'<symbol id="{name}" ' not in drawn] == []
