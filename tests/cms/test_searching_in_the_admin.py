"""Staff find pages by a part of a Japanese word, wherever Wagtail looks for pages."""

import pytest
from django.test import Client
from django.urls import reverse

from formbuilder.models import FormPage
from tests.support.cast import Cast, make_cast, make_form

WASTE, GIFT = "粗大ごみ収集の申込み", "出産応援ギフト支給申請"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def forms(cast: Cast) -> list[FormPage]:
    return [make_form(cast.waste, title=WASTE, code="sodai"), make_form(cast.children, title=GIFT, code="gift")]


@pytest.mark.parametrize("words", ["ごみ", "大ごみ", "集の申", "申込み 粗大"])
def test_the_search_the_list_and_the_chooser_find_a_part_of_a_word(
    cast: Cast, forms: list[FormPage], client: Client, words: str
) -> None:
    client.force_login(cast.admin)
    parent = forms[0].get_parent()
    addresses = [
        (reverse("wagtailadmin_pages:search"), {}),
        (reverse("wagtailadmin_explore", args=[parent.pk]), {}),
        (reverse("wagtailadmin_choose_page_search"), {"page_type": "wagtailcore.page"}),
    ]
    for address, others in addresses:
        text = client.get(address, {"q": words, **others}).content.decode()
        assert WASTE in text and GIFT not in text, address


@pytest.mark.parametrize("words", ["%", "粗_ご", "\\", "あ" * 3000, '"粗大収集"'])
def test_what_is_in_no_title_finds_nothing(cast: Cast, forms: list[FormPage], client: Client, words: str) -> None:
    client.force_login(cast.admin)
    answer = client.get(reverse("wagtailadmin_pages:search"), {"q": words})
    assert answer.status_code == 200
    assert WASTE not in answer.content.decode()


@pytest.mark.parametrize("words", ["\x00", "'", '"', "ごみ\x00"])
def test_nothing_that_is_typed_breaks_the_search(cast: Cast, forms: list[FormPage], client: Client, words: str) -> None:
    client.force_login(cast.admin)
    for address in (reverse("wagtailadmin_pages:search"), reverse("wagtailadmin_explore_root")):
        assert client.get(address, {"q": words}).status_code == 200
