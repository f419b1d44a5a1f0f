"""What an editor may ask for, what becomes of each claim, and what the officer reads of it."""

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from applications.gates import first_closed, gates
from applications.lifecycle import NotReady, declare
from applications.linking import BY_LINK, WHY
from applications.models import Application, Channel
from applications.services import fix_answers
from casework.case import gate_facts
from formbuilder.fields.shared import CHANGEABLE, FIXED
from formbuilder.package import PackageRefused
from identity.claims import agrees, answer_to, day_of, text_of
from identity.models import Verification
from identity.problems import Problem
from identity.requirement import COMPARE
from identity.standin.provider import StandIn
from tests.applications.residents import leads_to
from tests.applications.residents import text_of as words_of
from tests.identity.people import CHOICES, CardHolder, form_file, make_identity_form, problem_of
from tests.support.cast import Cast, draft, item, key_of, load_form


def facts_of(resident: CardHolder) -> dict[str, str]:
    return dict(gate_facts(resident.draft))


# --- what cannot be published


@pytest.mark.parametrize(
    ("settings_", "why"),
    [
        ({"claims": [{"claim": "name", "item": "なまえ"}]}, "「なまえ」という項目がありません"),
        ({"claims": [{"claim": "birthdate", "item": "氏名"}]}, "項目「氏名」（氏名）に、生年月日は入りません"),
        (
            {"claims": [{"claim": "name", "item": "氏名"}, {"claim": "name", "item": "使いみち"}]},
            "「氏名」が二つあります",
        ),
        (
            {"claims": [{"claim": "name", "item": "使いみち"}, {"claim": "gender", "item": "使いみち"}]},
            "情報を二つ入れることはできません",
        ),
        ({"ial": "3"}, "選んだ水準に届きません"),
        ({"methods": []}, "本人確認の方法を選んでください"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_published(cast: Cast, settings_: dict[str, Any], why: str) -> None:
    data = form_file()
    data["requires"][0]["settings"] |= settings_
    with pytest.raises(PackageRefused, match=why):
        load_form(data, cast.children)


def test_an_item_that_a_link_fixes_takes_nothing_from_the_card(cast: Cast) -> None:
    steps = {"一": [item("text", "氏名", from_link=FIXED)]}
    with pytest.raises(PackageRefused, match="リンクから入れて変えられないようにしてあります"):
        make_identity_form(cast.children, steps=steps, claims=["name"])
    make_identity_form(cast.children, steps=steps, claims=["name"], how=COMPARE)
    steps = {"一": [item("text", "氏名", from_link=CHANGEABLE)]}
    make_identity_form(cast.children, steps=steps, claims=["name"])


def test_a_choice_without_both_sexes_cannot_take_the_sex(cast: Cast) -> None:
    with pytest.raises(PackageRefused, match="「男性」と「女性」を入れてください"):
        make_identity_form(
            cast.children, steps={"一": [item("choice", "性別", choices=CHOICES[:1])]}, claims=["gender"]
        )


# --- moments and levels


def test_before_the_check_page_the_form_comes_first(cast: Cast, standin: StandIn) -> None:
    resident = CardHolder(make_identity_form(cast.children, moment="check", claims=["name"]), standin)
    typed = {"氏名": {"family": "高崎", "given": "太郎"}, "住所": ADDRESS, "生年月日": "1958-01-07", "性別": "m"}
    assert leads_to(resident.fill("1", {**typed, "使いみち": "提出"})) == "2"
    assert leads_to(resident.fill("2", {})) == "check"
    assert leads_to(resident.get("check")) == "identity"
    with pytest.raises(NotReady):
        declare(resident.draft.pk, revision=resident.draft.revision)
    assert leads_to(resident.proves("taro")) == "juminhyo"
    assert resident.answers["氏名"] == {"family": "髙﨑", "given": "太郎"}
    assert leads_to(resident.get()) == "check"
    assert "髙﨑 太郎" in words_of(resident.get("check"))


ADDRESS = {"postcode": "", "prefecture": "新潟県", "city": "新潟市中央区", "town": "学校町通1番町602-1", "building": ""}


def test_a_level_that_was_not_reached_is_refused(
    hanako: CardHolder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for acr in ("aal2", "", "aal33", "urn:aal3"):
        settings.IDENTITY["acr_values"] = acr
        assert problem_of(hanako.proves()) == Problem.LEVEL
    settings.IDENTITY["acr_values"] = "aal3 crl"
    assert problem_of(hanako.proves()) == ""


def test_a_claim_that_does_not_come_is_refused(hanako: CardHolder) -> None:
    hanako.standin.cards["hanako"].address = " "
    assert problem_of(hanako.proves()) == Problem.CLAIMS
    assert hanako.answers == {}


def test_staff_who_type_for_a_resident_need_no_card(cast: Cast) -> None:
    form = make_identity_form(cast.children)
    assert first_closed(draft(form, {}, channel=Channel.COUNTER), *{gate.moment for gate in gates()}) is None
    closed = first_closed(draft(form, {}), *{gate.moment for gate in gates()})
    assert closed is not None and closed.name == "identity"


def test_only_what_the_form_takes_is_asked_for_and_kept(cast: Cast, standin: StandIn) -> None:
    resident = CardHolder(make_identity_form(cast.children, claims=["birthdate"]), standin)
    address = resident.leaves()
    assert "scope=openid+birthdate&" in address
    resident.comes_back(resident.at_provider(address))
    proof = resident.proof
    assert proof is not None and proof.claims == {"birthdate": "19960401"}
    assert resident.answers == {"生年月日": "1996-04-01"}


def test_a_newer_version_that_asks_for_more_closes_the_gate_again(cast: Cast, standin: StandIn) -> None:
    resident = CardHolder(make_identity_form(cast.children, claims=["name"]), standin)
    resident.proves()
    make_identity_form(cast.children)
    resident.post("update")
    assert resident.draft.fixed.keys() == {key_of("氏名")}
    assert leads_to(resident.get()) == "identity"
    resident.proves()
    assert leads_to(resident.get()) == "1"


def test_a_rotated_key_is_fetched_again(hanako: CardHolder) -> None:
    assert problem_of(hanako.proves()) == ""
    cache.clear()
    hanako.standin.rotate()
    assert problem_of(hanako.proves()) == ""


# --- what the card says and the form does not take


def test_a_claim_that_does_not_fit_is_left_to_the_resident_and_compared(cast: Cast, standin: StandIn) -> None:
    """One name alone, an address abroad: nobody is stuck, and the officer knows."""
    resident = CardHolder(make_identity_form(cast.children), standin)
    assert problem_of(resident.proves("single")) == ""
    assert resident.draft.fixed.keys() == {key_of("生年月日"), key_of("性別")}
    assert leads_to(resident.get()) == "1"
    resident.fill("1", {"氏名": {"family": "スカルノ", "given": "ー"}, "住所": ADDRESS, "使いみち": "提出"})
    facts = facts_of(resident)
    assert facts["住所の確認"].startswith("入力と違います。確認した内容: みほん国みほん市１")
    assert "項目に入れられなかった" in facts["氏名の確認"]


def test_names_are_compared_with_what_a_register_writes_otherwise(cast: Cast, standin: StandIn) -> None:
    form = make_identity_form(cast.children, claims=["name", "address"], how=COMPARE)
    resident = CardHolder(form, standin)
    resident.proves("taro")
    assert resident.draft.fixed == {}
    typed = {"氏名": {"family": "高崎", "given": "太郎"}, "住所": ADDRESS, "生年月日": "1958-01-07", "性別": "m"}
    resident.fill("1", {**typed, "使いみち": "提出"})
    facts = facts_of(resident)
    assert facts["氏名の確認"] == "入力と同じです"
    assert facts["住所の確認"] == "入力と同じです"
    resident.fill("1", {**typed, "氏名": {"family": "高橋", "given": "太郎"}, "使いみち": "提出"})
    assert facts_of(resident)["氏名の確認"] == "入力と違います。確認した内容: 髙﨑　太郎"


@pytest.mark.parametrize("why", [BY_LINK, WHY])
def test_what_only_a_link_fixed_is_compared_like_what_was_typed(cast: Cast, standin: StandIn, why: str) -> None:
    steps = {"一": [item("text", "氏名", from_link=FIXED)]}
    form = make_identity_form(cast.children, steps=steps, claims=["name"], how=COMPARE)
    resident = CardHolder(form, standin)
    resident.proves("taro")
    fix_answers(resident.draft.pk, {key_of("氏名"): "別人"}, why=why)
    assert facts_of(resident)["氏名の確認"].startswith("入力と違います")


def test_the_officer_reads_how_when_and_what(hanako: CardHolder) -> None:
    hanako.proves()
    facts = facts_of(hanako)
    assert facts["本人確認"] == "済み（マイナンバーカード（マイナアプリ））"
    assert facts["本人確認の水準"] == "身元確認 2、当人認証 3"
    assert facts["確認した情報"] == "氏名、住所、生年月日、性別"
    assert "本人確認の日時" in facts


def test_a_claim_is_as_sealed_as_its_item(cast: Cast, standin: StandIn) -> None:
    steps = {"一": [item("full_name", "氏名", sensitive=True), item("text", "備考", required=False)]}
    resident = CardHolder(make_identity_form(cast.children, steps=steps, claims=["name"], how=COMPARE), standin)
    resident.proves()
    row = Verification.objects.get()
    assert "見本" not in str(row.claims) and set(row.claims["name"]) == {"sealed"}
    resident.fill("1", {"氏名": {"family": "別", "given": "人"}})
    assert facts_of(resident)["氏名の確認"] == "入力と違います"
    Verification.objects.update(claims={"name": {"sealed": "xxxxxxxx.AAAA"}})
    assert "暗号を解けません" in facts_of(resident)["入力との比較"]


def test_nothing_of_the_provider_is_kept(hanako: CardHolder, monkeypatch: pytest.MonkeyPatch) -> None:
    hanako.proves()
    row = Verification.objects.values().get()
    assert "ppid-hanako" not in str(row)
    assert not any(token in str(row) for token in hanako.standin.tokens)
    assert set(row) == {"id", "application_id", "method", "ial", "aal", "at", "subject", "claims", "items"}


# --- claims


def field_of(application: Application, name: str) -> Any:
    return application.version.engine.fields[key_of(name)].definition


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" 見本　花子 ", "見本　花子"),
        ({"formatted": "新潟県"}, "新潟県"),
        (1, "1"),
        (True, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_claims_are_read_whatever_shape_they_have(raw: Any, text: str) -> None:
    assert text_of(raw) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [("19960401", "1996-04-01"), ("1996-04-01", "1996-04-01"), ("平成8年4月1日", "1996-04-01"), ("19900230", None)],
)
def test_a_day_is_read_with_and_without_hyphens(text: str, day: str | None) -> None:
    found = day_of(text)
    assert (found.isoformat() if found else None) == day


def test_the_sex_is_one_of_the_form_s_own_options(cast: Cast) -> None:
    application = draft(make_identity_form(cast.children), {})
    field = field_of(application, "性別")
    assert [answer_to("gender", text, field) for text in ("1", "2", "女", "male", "9", "x")] == [
        "m", "f", "f", "m", None, None,
    ]  # fmt: skip
    assert agrees("gender", "2", field, "f") and not agrees("gender", "9", field, None)


def test_an_address_is_taken_apart_at_a_municipality_that_exists(cast: Cast) -> None:
    field = field_of(draft(make_identity_form(cast.children), {}), "住所")
    for text, city, town in [
        ("三重県津市羽所町700", "津市", "羽所町700"),
        ("愛知県津島市立込町2-21", "津島市", "立込町2-21"),
        ("千葉県市川市八幡1-1-1", "市川市", "八幡1-1-1"),
        ("京都府京都市中京区寺町通1", "京都市中京区", "寺町通1"),
        ("東京都武蔵村山市本町1-1-1", "武蔵村山市", "本町1-1-1"),
    ]:
        answer = answer_to("address", text, field)
        assert answer is not None and (answer["city"], answer["town"]) == (city, town)
    for text in ("新潟県", "新潟県新潟市中央区", "みほん国みほん市1", "", "新潟県なかった市1-1"):
        assert answer_to("address", text, field) is None
