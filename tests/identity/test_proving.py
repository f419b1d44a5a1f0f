"""Who has a card proves who they are, and the form knows what the card says."""

from identity.models import Flow, Verification
from tests.applications.residents import leads_to, text_of
from tests.identity.people import CardHolder, problem_of


def test_the_form_begins_with_the_proof(hanako: CardHolder) -> None:
    assert leads_to(hanako.get()) == "identity"
    assert leads_to(hanako.get("1")) == "identity"
    page = hanako.get("identity")
    assert "氏名" in text_of(page) and "マイナンバー（12桁の番号）は受け取りません" in text_of(page)
    assert not hanako.key


def test_the_card_fills_the_items_and_they_are_shown_as_they_are(hanako: CardHolder) -> None:
    assert problem_of(hanako.proves()) == ""
    assert hanako.answers == {
        "氏名": {"family": "見本", "given": "花子"},
        "住所": {
            "postcode": "",
            "prefecture": "新潟県",
            "city": "新潟市中央区",
            "town": "学校町通１番町６０２番地１",
            "building": "みほんハイツ１０１",
        },
        "生年月日": "1996-04-01",
        "性別": "f",
    }
    page = hanako.get("1")
    assert text_of(page).count("マイナンバーカードで確認済み") == 4
    assert not Flow.objects.exists()


def test_what_the_card_says_cannot_be_changed_by_what_is_posted(hanako: CardHolder) -> None:
    hanako.proves()
    before = hanako.answers
    forged = {"氏名": {"family": "偽名", "given": "次郎"}, "生年月日": "1950-01-01", "性別": "m", "使いみち": "提出"}
    assert leads_to(hanako.fill("1", forged)) == "2"
    assert hanako.answers == {**before, "使いみち": "提出"}


def test_nothing_is_asked_for_again_and_the_application_arrives(hanako: CardHolder) -> None:
    hanako.proves()
    hanako.fill("1", {"使いみち": "提出"})
    hanako.fill("2", {})
    page = hanako.get("check")
    assert "見本 花子" in text_of(page) and "マイナンバーカード（マイナアプリ）" in text_of(page)
    assert leads_to(hanako.declare()) == "done"
    assert hanako.reference
    assert Verification.objects.get().application == hanako.draft
