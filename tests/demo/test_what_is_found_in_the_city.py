"""Every procedure of the sample city stands in its catalogue under a life event and a category."""

import pytest
from django.test import Client

from cms.models import Category, LifeEvent
from demo import load
from demo.topics import FILED
from formbuilder.models import FormPage


@pytest.fixture
def city(db: None) -> None:
    load.load(applications=1)


def test_every_form_is_found_by_what_happens_its_subject_and_its_words(city: None) -> None:
    forms = list(FormPage.objects.live())
    assert {form.code for form in forms} <= set(FILED)
    for form in forms:
        life_events, categories, keywords = FILED[form.code]
        asked = [{"life": str(LifeEvent.objects.get(name=name).pk)} for name in life_events]
        asked += [{"category": str(Category.objects.get(name=name).pk)} for name in categories]
        asked += [{"q": word} for word in keywords.split()]
        for query in asked:
            assert form.title in Client().get("/", query).content.decode(), query
        assert form.versions.count() == 1  # what it is found by is no part of the form
