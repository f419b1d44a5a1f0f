"""Residents choose the language of the pages; staff read Japanese."""

from datetime import datetime
from pathlib import Path

import polib  # type: ignore[import-untyped]  # polib ships no types
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from cms.languages import LANGUAGES
from formbuilder.models import FormPage
from scripts import languages as texts
from tests.applications.residents import APPLICANT, STEPS, Resident, errors_of, leads_to
from tests.support.cast import Cast, make_form


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def page_of(resident: Resident, step: str = "1") -> str:
    page: str = resident.get(step).content.decode()
    return page


def speak(resident: Resident, code: str) -> None:
    resident.client.cookies[settings.LANGUAGE_COOKIE_NAME] = code


def test_every_text_is_there_in_every_language() -> None:
    assert texts.problems() == []


def test_a_text_without_a_translation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language in texts.LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        for file in texts.catalogue(language).parent.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(texts, "LOCALE", tmp_path)
    spoilt = polib.pofile(str(texts.catalogue("vi")), wrapwidth=0)
    spoilt.find("次へ進む").msgstr = ""
    spoilt.find("入力内容に%(count)s件の誤りがあります").msgstr = "Có lỗi"
    spoilt.save()
    named = "\n".join(texts.problems())
    assert "vi: no translation" in named and "'次へ進む'" in named
    assert "vi: placeholders differ" in named
    assert texts.main(["check"]) == 1


def test_easy_japanese_says_hard_words_in_its_own_way() -> None:
    hard = ("確認コード", "受付番号", "審査", "取り下げ", "ログアウト", "閉じ", "端末")
    easy = polib.pofile(str(texts.catalogue("ja_Easy")))
    as_they_were = [each.msgid for each in easy if each.msgstr == each.msgid]
    assert [text for text in as_they_were if any(word in text for word in hard)] == []


def test_a_date_stands_within_a_vietnamese_sentence() -> None:
    with translation.override("vi"):
        assert date_format(datetime(2026, 12, 11, 9, 5)) == "ngày 11 tháng 12 năm 2026"  # noqa: DTZ001 - as read
        assert date_format(datetime(2026, 12, 11, 9, 5), "DATETIME_FORMAT") == "09:05 ngày 11 tháng 12 năm 2026"  # noqa: DTZ001


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_a_step_speaks_every_language(resident: Resident, language: object) -> None:
    speak(resident, language.code)  # type: ignore[attr-defined]
    page = page_of(resident)
    assert f'<html lang="{language.tag}">' in page  # type: ignore[attr-defined]
    assert {each.label for each in LANGUAGES if each.label in page} == {each.label for each in LANGUAGES}


def test_html_of_one_language_is_never_shown_in_another(resident: Resident) -> None:
    for code, needed in ("ja", "※必須"), ("vi", ">bắt buộc<"), ("en", ">required<"), ("ja", "※必須"):
        speak(resident, code)
        assert needed in page_of(resident)


def test_the_browser_is_asked_and_the_choice_is_stronger(form: FormPage) -> None:
    client = Client(headers={"accept-language": "vi-VN,vi;q=0.9,en;q=0.5"})
    first = client.get(f"/apply/{form.code}/1/")
    assert '<html lang="vi">' in first.content.decode()
    assert "Accept-Language" in first.headers["Vary"]
    back = client.post("/language/", {"language": "ko", "page": f"/apply/{form.code}/1/"})
    assert back.headers["Location"] == f"/apply/{form.code}/1/"
    assert '<html lang="ko">' in client.get(f"/apply/{form.code}/1/").content.decode()


@pytest.mark.parametrize("page", ["https://example.com/", "//example.com/", "/\\example.com", "", "javascript:1"])
def test_a_foreign_address_is_not_gone_back_to(db: None, page: str) -> None:
    back = Client().post("/language/", {"language": "en", "page": page})
    assert back.headers["Location"] == "/"


@pytest.mark.parametrize("code", ["xx", "", "en\r\nSet-Cookie: a=b", "../en"])
def test_what_is_no_language_is_not_remembered(db: None, code: str) -> None:
    back = Client().post("/language/", {"language": code, "page": "/"})
    assert settings.LANGUAGE_COOKIE_NAME not in back.cookies


def test_an_invented_cookie_is_read_as_japanese(resident: Resident) -> None:
    speak(resident, "<script>")
    assert '<html lang="ja">' in page_of(resident)


def test_changing_the_language_keeps_what_was_typed(resident: Resident) -> None:
    wrong = {**APPLICANT, "メール": "hanako＠"}
    response = resident.fill("1", wrong, action="language:vi")
    assert leads_to(response) == "1"
    assert resident.answers["氏名"] == APPLICANT["氏名"]
    assert resident.unfinished == {"メール": "hanako＠"}
    page = page_of(resident)
    assert '<html lang="vi">' in page and "hanako＠" in page


def test_the_enter_key_goes_on_and_does_not_change_the_language(resident: Resident) -> None:
    page = page_of(resident)
    first = page.index('form="mg-step"')
    assert page[page.rindex("<button", 0, first) : first].endswith('type="submit" ')
    assert page[first : first + 80].startswith('form="mg-step" name="action" value="next"')


def test_what_is_wrong_is_told_in_the_language(resident: Resident) -> None:
    speak(resident, "en")
    page = resident.fill("1", {**APPLICANT, "メール": "hanako＠"})
    assert errors_of(page)[0].startswith("Enter the e-mail address in half-width letters")


def test_answers_are_kept_alike_in_every_language(form: FormPage) -> None:
    kept = []
    for code in ("ja", "pt-br"):
        one = Resident(form)
        speak(one, code)
        one.reaches_check()
        kept.append({name: answer for name, answer in one.answers.items() if name != "表紙"})
        assert one.draft.language == code
    assert kept[0] == kept[1]


def test_the_admin_is_japanese_whatever_the_browser_asks_for(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.officer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    page = client.get("/admin/").content.decode()
    assert 'lang="ja"' in page and "ダッシュボード" in page


def test_the_officer_reads_an_answer_of_a_translated_form_in_the_forms_own_language(cast: Cast, form: FormPage) -> None:
    draft = form.get_latest_revision_as_object()
    draft.translations = {"vi": {"公金受取口座": "Tài khoản nhận tiền công", "受取方法": "Cách nhận"}}
    draft.save_revision().publish()
    resident = Resident(FormPage.objects.get(pk=form.pk))
    speak(resident, "vi")
    resident.reaches_check()
    shown = resident.get("check").content.decode()
    assert "Tài khoản nhận tiền công" in shown and "公金受取口座" not in shown
    resident.declare()
    client = Client()
    client.force_login(cast.officer)
    case = client.get(reverse("casework:case", args=(resident.draft.public_id,))).content.decode()
    assert "公金受取口座" in case and "Tài khoản" not in case


def test_the_same_answers_in_another_language_leave_the_check_page_good(resident: Resident) -> None:
    """What the browser sends behind a page that it leaves may come late, and ask for its own language."""
    resident.reaches_check()
    shown = resident.draft.revision
    speak(resident, "en")
    resident.fill("1", APPLICANT)
    assert (resident.draft.revision, resident.draft.language) == (shown, "en")
    assert leads_to(resident.post("check", {"revision": shown})) == "done"
