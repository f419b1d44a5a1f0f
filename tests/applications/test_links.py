"""Short links, links that bring answers along, their QR codes and the flyer."""

import hashlib
import json
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.timezone import localdate
from PIL import Image
from pypdf import PdfReader

from applications.answers import opened
from applications.linking import BY_LINK, LONGEST, WHY, brought_by, in_words, link_to, take_link
from applications.models import Application
from applications.printing import qr
from applications.services import fix_answers
from cms.models import Department
from dialogue.mending import correctable
from formbuilder.definition import FieldDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.shared import CHANGEABLE, FIXED
from formbuilder.japanese import Refused
from formbuilder.models import FormPage
from formbuilder.package import PackageRefused
from tests.support.cast import Cast, answers_by_key, current_version, item, key_of, make_form

OPTIONS = [{"label": "第一保育園", "code": "one"}, {"label": "第二保育園", "code": "two"}]
STEPS = {
    "面談": [
        item("text", "面談番号", from_link=FIXED, max_length=10),
        item("choice", "希望する園", choices=OPTIONS, from_link=CHANGEABLE),
        item("text", "備考", required=False),
        item("text", "秘密", required=False, sensitive=True),
    ]
}
BOTH = {"面談番号": "A-123", "希望する園": "第二保育園"}


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="linked", steps=STEPS)


def follow(client: Client, form: FormPage, values: dict[str, str], *, press: bool = True) -> str:
    """Opens the link and presses its button; the page that one gets to."""
    page = client.get(f"/f/{form.code}/", values, follow=True)
    if press:
        page = client.post(f"/apply/{form.code}/link/?{urlencode(values)}", follow=True)
    return str(page.content.decode())


def words_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def the_draft() -> Application:
    return Application.objects.get()


# --- short


def test_the_short_link_leads_to_the_guide_wherever_that_stands(form: FormPage, client: Client) -> None:
    assert client.get(f"/f/{form.code}/")["Location"].endswith(form.url)
    form.slug = "another-place"
    form.save_revision().publish()
    moved = FormPage.objects.get(pk=form.pk)
    answer = client.get(f"/f/{form.code}/")
    assert "another-place" in answer["Location"] and answer["Location"].endswith(moved.url)
    assert client.get(answer["Location"]).status_code == 200


def test_there_is_none_to_what_is_not_public(form: FormPage, client: Client) -> None:
    form.unpublish()
    assert client.get(f"/f/{form.code}/").status_code == 404
    assert client.get("/f/nothing/").status_code == 404


def test_words_that_no_item_asks_for_are_no_link_with_answers(form: FormPage, client: Client) -> None:
    assert client.get(f"/f/{form.code}/", {"備考": "x", "utm_source": "paper"})["Location"].endswith(form.url)


# --- with answers


def test_the_answers_of_a_link_are_shown_before_anything_is_kept(form: FormPage, client: Client) -> None:
    page = follow(client, form, BOTH, press=False)
    assert "A-123" in page and "第二保育園" in page
    assert "変えられません" in page and "申請の画面で変えられます" in page
    assert not Application.objects.exists()


def test_the_answers_stand_in_the_application(form: FormPage, client: Client) -> None:
    follow(client, form, BOTH)
    expected = answers_by_key(current_version(form), {"面談番号": "A-123", "希望する園": "two"})
    assert opened(the_draft()) == expected
    assert the_draft().fixed == {key_of("面談番号"): BY_LINK}
    assert "開いたリンクから入りました。変えられません。" in client.get(f"/apply/{form.code}/1/").content.decode()


def test_what_is_fixed_stays_and_what_is_not_can_be_changed(form: FormPage, client: Client) -> None:
    follow(client, form, BOTH)
    version = current_version(form)
    mine = {f"f-{key_of('面談番号')}": "B-999", f"f-{key_of('希望する園')}": "one"}
    client.post(f"/apply/{form.code}/1/", {**mine, "version": version.pk, "action": "next"})
    kept = opened(the_draft())
    assert kept[key_of("面談番号")] == "A-123"
    assert kept[key_of("希望する園")] in ("one", "two")


def test_a_value_that_cannot_be_an_answer_is_left_out_and_said(form: FormPage, client: Client) -> None:
    page = follow(client, form, {"面談番号": "A" * 11, "希望する園": "第二保育園"}, press=False)
    assert "使えませんでした" in page and "面談番号" in page
    follow(client, form, {"面談番号": "A" * 11, "希望する園": "第九保育園"})
    assert not Application.objects.exists()


def test_a_value_that_breaks_a_rule_is_left_out(cast: Cast) -> None:
    rule = {"formula": "［番号］＝「A1」", "message": "A1だけです。"}
    form = make_form(cast.children, code="ruled", steps={"一": [item("text", "番号", from_link=FIXED, rules=[rule])]})
    version, today = current_version(form), form.first_published_at.date()
    assert brought_by(version, {"番号": "A2"}, today).refused == {key_of("番号"): "A1だけです。"}
    assert [each.answer for each in brought_by(version, {"番号": "A1"}, today).taken] == ["A1"]


HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE applications_application; --",
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "a\r\nSet-Cookie: x=1",
    "\x00\x1b[31m",
    "\u202egnp.exe",
    "=cmd|' /C calc'!A0",
    "x" * 5000,
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "javascript:alert(1)",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_text_or_nothing(cast: Cast, client: Client, value: str) -> None:
    form = make_form(cast.children, code="open", steps={"一": [item("text", "自由", from_link=CHANGEABLE)]})
    answer = client.get(f"/f/{form.code}/", {"自由": value}, follow=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    page = follow(client, form, {"自由": value})
    assert "<script>alert" not in page
    for application in Application.objects.all():
        assert len(str(opened(application))) <= LONGEST + 100 and "\x00" not in str(opened(application))


def test_a_link_goes_on_with_the_draft_of_this_browser(form: FormPage, client: Client) -> None:
    follow(client, form, {"希望する園": "第一保育園"})
    first = the_draft()
    page = follow(client, form, BOTH, press=False)
    assert "入力の途中の申請があります" in page
    follow(client, form, BOTH)
    assert the_draft().pk == first.pk
    assert opened(the_draft())[key_of("希望する園")] == "two"


def test_a_link_does_not_change_what_a_proof_said(form: FormPage, client: Client) -> None:
    follow(client, form, {"希望する園": "第一保育園"})
    fix_answers(the_draft().pk, {key_of("面談番号"): "証明"}, why="証明書から")
    follow(client, form, BOTH)
    assert opened(the_draft())[key_of("面談番号")] == "証明"
    assert the_draft().fixed == {key_of("面談番号"): "証明書から"}


def test_a_proof_that_comes_between_reading_and_taking_stays(form: FormPage, client: Client) -> None:
    follow(client, form, {"希望する園": "第一保育園"})
    version, read = current_version(form), the_draft()
    fix_answers(read.pk, {key_of("面談番号"): "証明"}, why="証明書から")  # committed meanwhile
    take_link(version, read, brought_by(version, BOTH, localdate()).taken)
    expected = {"面談番号": "証明", "希望する園": "two"}
    assert opened(the_draft()) == answers_by_key(version, expected)
    assert the_draft().fixed == {key_of("面談番号"): "証明書から"}


def test_a_row_that_has_the_sentence_is_one_that_a_link_fixed(form: FormPage, client: Client) -> None:
    """As they were kept before."""
    follow(client, form, BOTH)
    draft = the_draft()
    fix_answers(draft.pk, {key_of("面談番号"): "A-123", key_of("備考"): "前の"}, why=WHY)
    page = client.get(f"/apply/{form.code}/1/").content.decode()
    assert page.count("開いたリンクから入りました。変えられません。") == 2
    named = {field.definition.name for _, fields in correctable(the_draft()) for field in fields}
    assert {"面談番号", "備考"} <= named
    follow(client, form, {"面談番号": "B-1"})
    assert the_draft().fixed == {key_of("面談番号"): BY_LINK}  # what the newer link does not fix can be changed again
    assert in_words(BY_LINK) == in_words(WHY) == WHY


def test_out_of_its_period_a_link_says_so(form: FormPage, client: Client) -> None:
    FormPage.objects.filter(pk=form.pk).update(live=False)
    assert client.post(f"/apply/{form.code}/link/?{urlencode(BOTH)}").status_code == 410
    assert not Application.objects.exists()


def test_labels_of_options_are_japanese_in_a_link_and_translated_on_its_page(form: FormPage, client: Client) -> None:
    page: FormPage = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    page.translations = {"en": {"第二保育園": "Second nursery", "希望する園": "Nursery"}}
    page.save_revision().publish()
    client.cookies["mg-language"] = "en"
    text = follow(client, form, BOTH, press=False)
    assert "Second nursery" in text and "What the link fills in" in text


def test_what_only_a_link_fixed_can_be_corrected_and_what_a_proof_gave_cannot(form: FormPage, client: Client) -> None:
    follow(client, form, BOTH)
    draft = the_draft()
    fix_answers(draft.pk, {key_of("備考"): "証明"}, why="証明書から")
    named = {field.definition.name for _, fields in correctable(the_draft()) for field in fields}
    assert "面談番号" in named and "備考" not in named


# --- what the editor may mark


def test_a_sensitive_item_cannot_be_marked(cast: Cast) -> None:
    marked = item("text", "番号", from_link=FIXED, sensitive=True)
    with pytest.raises(PackageRefused, match="機微な情報は「リンクから入れられる」にできません"):
        make_form(cast.children, code="wrong", steps={"一": [marked]})


def test_every_type_that_can_be_marked_can_be_written_in_one_line() -> None:
    for type_ in FIELD_TYPES.values():
        if "from_link" in type_.block().child_blocks:
            made = FieldDef(key="k", type=type_.name, name="n", label="l", options={"choices": []})
            try:
                type_.written(made, "1")
            except Refused as refused:
                assert "1行の文字では書けません" not in refused.message, type_.name


def test_a_sensitive_item_is_never_filled_even_past_the_check(form: FormPage, client: Client) -> None:
    version = current_version(form)
    document = json.loads(json.dumps(version.document))
    for each in document["steps"][0]["fields"]:
        each["options"]["from_link"] = CHANGEABLE
    type(version).objects.filter(pk=version.pk).update(document=document, digest="1" * 64)
    follow(client, form, {**BOTH, "秘密": "漏れる"})
    assert key_of("秘密") not in opened(the_draft())


# --- for staff


def staff(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]  # of the cast
    return client


@pytest.mark.parametrize("who", ["editor", "publisher", "officer", "approver"])
def test_who_works_with_the_form_makes_links(cast: Cast, form: FormPage, who: str) -> None:
    text = staff(getattr(cast, who)).get(f"/admin/forms/{form.pk}/links/", BOTH).content.decode()
    assert link_to(form.code, BOTH).replace("&", "&amp;") in text
    assert "備考" not in text.partition("リンクに入れる内容")[2]


@pytest.mark.parametrize("who", ["other_officer", "exporter", "auditor"])
def test_nobody_else_does(cast: Cast, form: FormPage, who: str) -> None:
    client = staff(getattr(cast, who))
    for name in ("", "svg/", "pdf/"):
        assert client.get(f"/admin/forms/{form.pk}/links/{name}").status_code in (302, 403)


def test_an_officer_finds_the_forms_of_the_own_department(cast: Cast, form: FormPage) -> None:
    make_form(cast.waste, title="粗大ごみ", code="sodai")
    client = staff(cast.officer)
    text = client.get("/admin/forms/links/").content.decode()
    assert f"/admin/forms/{form.pk}/links/" in text and "粗大ごみ" not in text
    assert "/admin/forms/links/" in client.get("/admin/").content.decode()
    assert staff(cast.exporter).get("/admin/forms/links/").status_code in (302, 403)


def test_a_wrong_value_is_told_and_not_in_the_link(cast: Cast, form: FormPage) -> None:
    text = staff(cast.officer).get(f"/admin/forms/{form.pk}/links/", {"希望する園": "第九"}).content.decode()
    assert "リンクに入れていません" in text and f'value="{link_to(form.code)}"' in text


def test_the_code_is_that_of_the_link(cast: Cast, form: FormPage) -> None:
    client = staff(cast.officer)
    svg = client.get(f"/admin/forms/{form.pk}/links/svg/", BOTH)
    assert svg["Content-Type"] == "image/svg+xml" and svg.content == qr.svg_of(link_to(form.code, BOTH))
    png = client.get(f"/admin/forms/{form.pk}/links/png/", BOTH).content
    side = len(qr.modules_of(link_to(form.code, BOTH))) + 2 * qr.QUIET
    assert Image.open(BytesIO(png)).size == (side * 12, side * 12)
    assert client.get(f"/admin/forms/{form.pk}/links/exe/").status_code == 404


def test_what_is_typed_in_full_width_goes_short_into_the_link(cast: Cast) -> None:
    items = [
        item("phone", "電話", from_link=CHANGEABLE),
        item("number", "人数", from_link=CHANGEABLE),
        item("date", "面談日", from_link=CHANGEABLE),
        item("choice", "園", choices=[{"label": "Ａ園", "code": "a"}], from_link=CHANGEABLE),
        item("text", "メモ", from_link=CHANGEABLE),
    ]
    form = make_form(cast.children, code="wide", steps={"一": items})
    typed = {
        "電話": "０２５－２２２－３３３３",
        "人数": "１２",
        "面談日": "２０２６－０４－０１",
        "園": "Ａ園",
        "メモ": "ＡＢ",
    }
    tidy = {"電話": "025-222-3333", "人数": "12", "面談日": "2026-04-01", "園": "Ａ園", "メモ": "ＡＢ"}
    version = current_version(form)
    taken = brought_by(version, typed, localdate()).taken
    assert {each.item.name: each.tidy_text for each in taken} == tidy
    again = brought_by(version, tidy, localdate()).taken
    assert [each.answer for each in again] == [each.answer for each in taken]
    text = staff(cast.officer).get(f"/admin/forms/{form.pk}/links/", {"電話": typed["電話"]}).content.decode()
    assert f'value="{link_to(form.code, {"電話": "025-222-3333"})}"' in text


def test_the_flyer_prints_the_short_address_and_what_its_code_fills_in(cast: Cast, form: FormPage) -> None:
    client = staff(cast.editor)
    with_values = words_of(client.get(f"/admin/forms/{form.pk}/links/pdf/", BOTH).content)
    assert link_to(form.code) in with_values and "%E" not in with_values
    assert "面談番号：A-123" in with_values and "希望する園：第二保育園" in with_values
    without = words_of(client.get(f"/admin/forms/{form.pk}/links/pdf/").content)
    assert link_to(form.code) in without and "次の内容が入ります" not in without
    screen = client.get(f"/admin/forms/{form.pk}/links/", BOTH).content.decode()
    assert "<dt>希望する園</dt><dd>第二保育園</dd>" in screen


def test_the_screen_leads_back_and_says_how_an_item_gets_a_box(cast: Cast, form: FormPage) -> None:
    plain = make_form(cast.children, code="plain", steps={"一": [item("text", "備考")]})
    edit = f"/admin/pages/{plain.pk}/edit/"
    text = staff(cast.editor).get(f"/admin/forms/{plain.pk}/links/").content.decode()
    assert "リンクから入れられる" in text and text.count(f'href="{edit}"') == 2
    text = staff(cast.officer).get(f"/admin/forms/{plain.pk}/links/").content.decode()
    assert "リンクから入れられる" in text and edit not in text and "申請フォームの一覧へ戻る" in text
    assert "リンクから入れられる" not in staff(cast.editor).get(f"/admin/forms/{form.pk}/links/").content.decode()


def test_a_code_is_the_one_that_was_read_by_another_program() -> None:
    """ZXing reads https://madoguchi.city.example.jp/f/gift/ from these modules."""
    rows = qr.modules_of("https://madoguchi.city.example.jp/f/gift/")
    bits = "".join("01"[dark] for row in rows for dark in row)
    assert hashlib.sha256(bits.encode()).hexdigest() == (
        "782fab89712639fa8947c0e51ffea0699e710befe70d98c5139145a15762f7ec"
    )
    with pytest.raises(qr.TooLong):
        qr.modules_of("x" * (qr.LONGEST + 1))


def test_a_flyer_is_one_page_however_long_its_words(cast: Cast, form: FormPage) -> None:
    Department.objects.filter(pk=cast.children.pk).update(phone="025-000-0000", email="kodomo@example.jp")
    FormPage.objects.filter(pk=form.pk).update(title="長い名前" * 60, summary="説明" * 100)
    pdf = staff(cast.editor).get(f"/admin/forms/{form.pk}/links/pdf/")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")
    assert pdf.content.count(b"/Type /Page\n") == 1


def test_a_compile_error_names_the_item_in_a_row(cast: Cast) -> None:
    row = item("text", "子の番号", from_link=FIXED)
    with pytest.raises(PackageRefused, match="「子の番号」は繰り返しの中"):
        make_form(cast.children, code="rows", steps={"一": [item("repeat", "お子さん", fields=[row])]})
