"""The catalogue of procedures: found by a part of a word, narrowed by links, and open or closed by its period."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.catalogue import PAGE
from cms.models import Category, DepartmentPage, GuidePage, LifeEvent
from formbuilder.models import FormPage
from tests.support.cast import Cast, make_cast, make_form

Answer = Any


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gift(cast: Cast) -> FormPage:
    return make_form(cast.children, title="にいがたスマイルギフト支給申請", code="smile")


@pytest.fixture
def waste(cast: Cast) -> FormPage:
    return make_form(cast.waste, title="粗大ごみ収集の申込み", code="sodai")


def publish(page: FormPage, *, topics: Iterable[Category | LifeEvent] = (), **changes: object) -> FormPage:
    """Change the page as its editor does: a draft, then published."""
    draft = FormPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    for topic in topics:
        (draft.categories if isinstance(topic, Category) else draft.life_events).add(topic)
    draft.save_revision().publish()
    return FormPage.objects.get(pk=page.pk)


def look(**asked: str) -> Answer:
    response = Client().get("/", asked)
    assert response.status_code == 200
    return response


def titles(answer: Answer) -> list[str]:
    return [page.title for _, pages in answer.context["groups"] for page in pages]


def found(**asked: str) -> list[str]:
    return titles(look(**asked))


def filter_of(answer: Answer, name: str) -> Any:
    return next(each for each in answer.context["asked"].filters if each.name == name)


# --- search


@pytest.mark.parametrize("words", ["ごみ", "ゴミ", "ｺﾞﾐ", "大ごみ収", "粗大　申込", " ごみ  粗大 ", "収集\x00ごみ"])
def test_a_part_of_a_word_finds_it_however_it_is_written(gift: FormPage, waste: FormPage, words: str) -> None:
    assert found(q=words) == [waste.title]


def test_the_summary_and_the_editors_words_are_searched_too(gift: FormPage, waste: FormPage) -> None:
    publish(gift, summary="妊娠した方への給付金です。", keywords="出産祝金　子ども")
    for words in ("妊娠", "給付", "出産祝", "ドモ", "ギフト 妊娠 祝金"):
        assert found(q=words) == [gift.title], words
    assert found(q="祝金子") == []  # nothing is found across two texts
    assert found(q="ギフト 粗大") == []


def test_a_register_kanji_is_found_by_the_usual_one(gift: FormPage) -> None:
    publish(gift, keywords="渡邉")
    assert found(q="渡辺") == [gift.title]


@pytest.mark.parametrize("words", ["%", "_", "％", "\\", "ギ%ト", "ス_イル"])
def test_what_the_databases_take_for_a_wildcard_is_a_letter(gift: FormPage, words: str) -> None:
    assert found(q=words) == []
    publish(gift, keywords=f"あ{words}い")
    assert found(q=words) == [gift.title]


@pytest.mark.parametrize("words", ["", "  　", "\u200b", "\x00"])
def test_a_search_for_nothing_is_no_search(gift: FormPage, waste: FormPage, words: str) -> None:
    assert found(q=words) == [gift.title, waste.title]


def test_a_search_of_any_length_is_answered(gift: FormPage) -> None:
    answer = look(q="あ " * 5000)
    assert len(answer.context["asked"].text) <= 100
    assert "見つかりませんでした" in answer.content.decode()


def test_what_is_only_drafted_is_not_found(gift: FormPage) -> None:
    draft = FormPage.objects.get(pk=gift.pk)
    draft.title = draft.keywords = "まだ秘密"
    draft.save_revision()
    assert found(q="秘密") == []
    gift.unpublish()
    assert found(q="スマイル") == []


def test_the_procedures_of_a_part_of_the_site_that_is_not_public_are_not_listed(
    gift: FormPage, waste: FormPage
) -> None:
    DepartmentPage.objects.filter(slug="kankyo").update(live=False)
    assert found() == [gift.title]
    assert found(department="kankyo") == [gift.title]  # no such choice


def test_a_newer_version_from_a_file_leaves_a_form_where_it_stands(cast: Cast, gift: FormPage) -> None:
    birth = LifeEvent.objects.create(name="妊娠・出産")
    publish(gift, topics=[birth], keywords="出産祝金", accepts_until=timezone.now() + timedelta(days=1))
    make_form(cast.children, title="ギフトの新しい様式", code="smile")
    assert found(life=str(birth.pk), q="祝金") == ["ギフトの新しい様式"]
    assert FormPage.objects.get(pk=gift.pk).accepts_until


def test_forms_that_were_published_before_the_catalogue_are_found(gift: FormPage) -> None:
    FormPage.objects.update(search_text="")
    assert found(q="スマイル") == []
    import_module("formbuilder.migrations.0002_catalogue").fill(apps, None)
    assert found(q="スマイル") == [gift.title]


# --- filters


def test_filters_narrow_together_and_keep_each_other(cast: Cast, gift: FormPage, waste: FormPage) -> None:
    money, birth = Category.objects.create(name="手当・給付"), LifeEvent.objects.create(name="妊娠・出産")
    other = make_form(cast.children, title="児童手当の申請", code="jidou")
    publish(gift, topics=[money, birth])
    publish(other, topics=[money])
    assert found(category=str(money.pk)) == [gift.title, other.title]
    assert found(category=str(money.pk), life=str(birth.pk)) == [gift.title]
    assert found(category=str(money.pk), q="児童") == [other.title]
    assert found(department="kankyo") == [waste.title]
    assert found(department="kankyo", category=str(money.pk)) == []
    answer = look(category=str(money.pk), q="給", open="1", page="2")
    assert filter_of(answer, "life").options[0].url == f"/?q=%E7%B5%A6&category={money.pk}&open=1&life={birth.pk}"
    assert filter_of(answer, "category").without == "/?q=%E7%B5%A6&open=1"
    assert filter_of(answer, "category").chosen.label == "手当・給付"


def test_every_link_of_the_page_leads_to_what_it_says(cast: Cast, gift: FormPage, waste: FormPage) -> None:
    birth = LifeEvent.objects.create(name="妊娠・出産", icon="baby")
    publish(gift, topics=[birth])
    page = look()
    (option,) = filter_of(page, "life").options
    assert f'href="{option.url}"' in page.content.decode()
    assert titles(Client().get(option.url)) == [gift.title]
    narrowed = look(life=str(birth.pk), q="スマイル", open="1")
    text = narrowed.content.decode()
    ways_back = [narrowed.context[name] for name in ("everything", "without_text", "closed_too")]
    for url in (filter_of(narrowed, "life").without, *ways_back):
        assert f'href="{url.replace("&", "&amp;")}"' in text, url


def test_only_topics_that_a_published_procedure_has_are_offered_in_their_order(gift: FormPage, waste: FormPage) -> None:
    names = ["引越し", "妊娠・出産", "おくやみ"]
    move, birth, _ = [LifeEvent.objects.create(name=name, sort_order=9 - at) for at, name in enumerate(names)]
    publish(gift, topics=[move, birth])
    publish(waste, topics=[move])
    assert [option.label for option in filter_of(look(), "life").options] == ["妊娠・出産", "引越し"]
    gift.unpublish()
    assert [option.label for option in filter_of(look(), "life").options] == ["引越し"]
    chosen = look(life=str(birth.pk))  # of a bookmark
    assert filter_of(chosen, "life").chosen.label == "妊娠・出産"
    assert "あてはまる手続はありません" in chosen.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"category": "999"},
        {"category": "9" * 40},
        {"life": "x"},
        {"life": "９"},
        {"life": "-1"},
        {"department": "nowhere\x00"},
    ],
)
def test_a_choice_that_does_not_exist_is_told_and_left_out(gift: FormPage, asked: dict[str, str]) -> None:
    answer = look(**asked)
    assert titles(answer) == [gift.title]
    assert "選んだ条件の一部は、いまは使えません" in answer.content.decode()


def test_the_number_of_results_stands_in_the_title_and_the_heading(gift: FormPage, waste: FormPage) -> None:
    text = look(q="ごみ").content.decode()
    assert "<title>「ごみ」の検索結果 1件 | " in text
    assert "検索結果 <span" in text and "1件</span>" in text
    assert "<title>みほん市" in look().content.decode()


def test_an_empty_catalogue_says_so(cast: Cast) -> None:
    assert "いま公開している手続はありません" in look().content.decode()
    assert "いま公開している手続はありません" in Client().get("/kodomo/").content.decode()


def test_many_procedures_come_on_several_pages(gift: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE >= 20
    monkeypatch.setattr("cms.catalogue.PAGE", 2)
    department = DepartmentPage.objects.get(slug="kodomo").department
    for number in range(4):
        make_form(department, title=f"申請{number}", code=f"form-{number}")
    first = look(q="申")
    assert (len(titles(first)), first.context["found"].paginator.count) == (2, 5)
    second = Client().get(first.context["next"])
    third = Client().get(second.context["next"])
    assert len({*titles(first), *titles(second), *titles(third)}) == 5
    assert third.context["next"] == "" and titles(Client().get(third.context["previous"])) == titles(second)
    assert titles(look(page="999", q="申")) == titles(third)
    assert titles(look(page="x")) == titles(look())


def test_a_guide_of_a_department_is_no_procedure_and_stands_on_its_page(gift: FormPage) -> None:
    section = DepartmentPage.objects.get(slug="kodomo")
    section.add_child(instance=GuidePage(title="窓口の混雑", slug="busy", body="<p>朝は混みます。</p>"))
    assert found() == [gift.title]
    text = Client().get("/kodomo/").content.decode()
    assert "窓口の混雑" in text and gift.title in text


def test_the_number_of_queries_does_not_grow(cast: Cast, gift: FormPage, waste: FormPage) -> None:
    def cost(**asked: str) -> int:
        with CaptureQueriesContext(connection) as context:
            look(**asked)
        return len(context)

    birth, money = LifeEvent.objects.create(name="妊娠・出産"), Category.objects.create(name="手当・給付")
    publish(gift, topics=[birth, money], accepts_from=timezone.now())
    everything: list[dict[str, str]] = [
        {},
        {"q": "ギフト 申請", "open": "1"},
        {"life": str(birth.pk), "category": str(money.pk), "department": "kodomo"},
    ]
    cost()  # the site is remembered from here on
    few = [cost(**asked) for asked in everything]
    for number in range(12):
        event, category = LifeEvent.objects.create(name=f"事{number}"), Category.objects.create(name=f"類{number}")
        form = make_form((cast.children, cast.waste)[number % 2], title=f"ギフト申請{number}", code=f"g-{number}")
        publish(form, topics=[event, category, birth, money], accepts_until=timezone.now() + timedelta(days=number))
    assert [cost(**asked) for asked in everything] == few
    assert max(few) <= 12


# --- periods


def day(month: int, number: int, hour: int = 0) -> datetime:
    return timezone.make_aware(datetime(2027, month, number, hour))  # noqa: DTZ001 - made aware here


def test_only_what_is_open_now(cast: Cast, gift: FormPage, waste: FormPage) -> None:
    now = timezone.now()
    publish(gift, accepts_from=now + timedelta(days=1), accepts_until=now + timedelta(days=9))
    assert found(open="1") == [waste.title]
    text = look().content.decode()
    assert "受付開始前" in text and "受付中</span>" not in text  # what is always open needs no badge
    publish(gift, accepts_from=now - timedelta(days=1))
    assert found(open="1") == [gift.title, waste.title]
    assert "受付中</span>" in look().content.decode()
    publish(gift, accepts_until=now - timedelta(minutes=1))
    assert found(open="1") == [waste.title]
    assert "受付終了" in look().content.decode()
    publish(waste, accepts_until=now - timedelta(minutes=1))
    assert "いま受け付けている手続はありません" in look(open="1").content.decode()


def test_the_card_says_from_when_until_when(gift: FormPage) -> None:
    publish(gift, accepts_from=day(1, 15, 9), accepts_until=day(2, 1))
    text = look().content.decode()
    assert "2027年1月15日 9時00分から 2027年1月31日 24時00分まで" in text


def test_the_guide_stays_before_and_after_the_period_without_its_button(gift: FormPage) -> None:
    now = timezone.now()
    address = gift.get_url()
    assert "申請をはじめる" in Client().get(address).content.decode()
    for changes, told in (
        ({"accepts_from": now + timedelta(days=1)}, "に始まります"),
        ({"accepts_from": None, "accepts_until": now - timedelta(days=1)}, "で終わりました"),
    ):
        publish(gift, **changes)
        text = Client().get(address).content.decode()
        assert told in text and "受付期間" in text
        assert "申請をはじめる" not in text


def test_a_period_that_ends_before_it_begins_is_refused(gift: FormPage) -> None:
    with pytest.raises(ValidationError, match="受付終了は、受付開始より後"):
        publish(gift, accepts_from=day(2, 1), accepts_until=day(1, 1))
