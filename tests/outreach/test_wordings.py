"""What an editor has the mails of a form say instead of the default."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from applications.lifecycle import move
from applications.models import Application
from applications.outbox import deliver_due
from applications.status import Action
from applications.subscribers import subscribers
from cms.languages import LANGUAGES
from formbuilder.compiler import CompileErrors
from formbuilder.exporting import export_form
from formbuilder.importing import import_form
from formbuilder.mails import MARK, filled, mails
from formbuilder.models import FormPage, FormVersion
from formbuilder.translations import page_texts
from outreach.models import Message
from outreach.words import fill
from tests.outreach.letterbox import Letterbox
from tests.support.cast import Cast, current_version, item, make_form, submit

ADDRESS = "hanako@example.jp"
STEPS = {
    "申請者": [
        item("full_name", "氏名"),
        item("email", "メールアドレス"),
        item("text", "希望", required=False),
        item("text", "秘密", required=False, sensitive=True),
    ]
}
ANSWERS = {
    "氏名": {"family": "見本", "given": "花子"},
    "メールアドレス": ADDRESS,
    "希望": "午前",
    "秘密": "暗証4321",
}
SUBJECT, BODY = "受け付けました {受付番号}", "{氏名}さん\n「{手続名}」の希望は{回答：希望}ですね。\n電話 {電話}"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="worded", steps=STEPS)


def worded(form: FormPage, subject: str = SUBJECT, body: str = BODY, **more: Any) -> FormPage:
    page: FormPage = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    page.mails = {"arrived": {"subject": subject, "body": body}}
    for name, value in more.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return FormPage.objects.get(pk=form.pk)


def sent(application: Application, template: str = "arrived") -> Message:
    deliver_due()
    return Message.objects.get(application=application, template=template)


def editor_of(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.editor)
    return client


def url_of(form: FormPage, name: str = "arrived") -> str:
    return f"/admin/forms/{form.pk}/mails/{name}/"


def draft_of(form: FormPage) -> FormPage:
    page: FormPage = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    return page


def test_the_mail_says_what_the_editor_wrote_with_what_stands_for_the_marks(form: FormPage) -> None:
    application = submit(worded(form), ANSWERS)
    message = sent(application)
    assert message.subject == f"受け付けました {application.reference}"
    assert message.body == "見本 花子さん\n「出産応援ギフト」の希望は午前ですね。\n"  # and no line for a telephone


def test_brackets_spaces_and_colons_may_be_full_width(form: FormPage) -> None:
    application = submit(worded(form, body="｛ 受付番号 ｝／{回答:希望}"), ANSWERS)
    assert sent(application).body == f"{application.reference}／午前\n"


def test_an_answer_is_put_in_as_it_is_and_fills_no_mark_of_its_own(form: FormPage) -> None:
    application = submit(worded(form), {**ANSWERS, "希望": "{秘密}{回答：秘密}"})
    assert "希望は{秘密}{回答：秘密}ですね" in sent(application).body


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{申請番号}", "{申請番号} という差し込みはありません"),
        ("{回答：ない項目}", "{回答：ない項目} という差し込みはありません"),
        ("{回答：秘密}", "{回答：秘密} は機微な情報です"),
        ("{受付番号", "組にしてください"),
        ("   \n ", "件名と本文を入れてください"),
        ("あ" * 10_001, "10,000字まで"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_and_stays_in_the_box(
    cast: Cast, form: FormPage, body: str, told: str
) -> None:
    answer = editor_of(cast).post(url_of(form), {"action": "save", "subject": SUBJECT, "body": body})
    text = answer.content.decode()
    assert told in text and body.strip() in text and SUBJECT in text
    assert draft_of(form).mails == {}


def test_what_became_unknown_since_is_refused_when_the_form_is_published(form: FormPage) -> None:
    page = worded(form)
    page.body = make_form(page.department, code="other").body
    with pytest.raises(CompileErrors, match=r"「申請を受け付けたとき」: \{回答：希望\} という差し込みはありません"):
        page.save_revision().publish()


def test_a_translation_with_an_unknown_mark_is_refused_when_the_form_is_published(form: FormPage) -> None:
    with pytest.raises(CompileErrors, match=r"Englishの訳: \{reference\} という差し込みはありません"):
        worded(form, translations={"en": {SUBJECT: "Received {reference}"}})


def test_a_sensitive_answer_stays_out_even_past_the_check(form: FormPage) -> None:
    application = submit(worded(form), ANSWERS)
    version = current_version(form)
    document = {**version.document, "mails": {"arrived": {"subject": "件名", "body": "秘密は{回答：秘密}\n終わり"}}}
    FormVersion.objects.filter(pk=version.pk).update(document=document, digest="0" * 64)
    message = sent(application)
    assert "4321" not in message.subject + message.body
    assert str(application.reference) in message.subject  # the default went out


@pytest.mark.parametrize("mark", ["{回答：希望}", "{リンク}"])
def test_no_answer_and_no_secret_stands_in_a_subject(cast: Cast, form: FormPage, mark: str) -> None:
    name = "followup_resume" if mark == "{リンク}" else "arrived"
    answer = editor_of(cast).post(url_of(form, name), {"action": "save", "subject": mark, "body": "{リンク}"})
    assert f"件名に {mark} は入れられません" in answer.content.decode()


def test_a_mail_keeps_what_it_is_sent_for(cast: Cast, form: FormPage) -> None:
    answer = editor_of(cast).post(
        url_of(form, "followup_resume"), {"subject": "続き", "body": "どうぞ", "action": "save"}
    )
    assert "本文に {リンク} を入れてください" in answer.content.decode()


def test_no_name_goes_to_an_address_that_nobody_has_verified(cast: Cast, form: FormPage) -> None:
    answer = editor_of(cast).post(
        url_of(form, "followup_resume"), {"subject": "続き", "body": "{氏名}{リンク}{回答：希望}", "action": "save"}
    )
    text = answer.content.decode()
    assert "{氏名} という差し込みはありません" in text and "{回答：希望} は、このメールに入れられません" in text


def test_no_line_of_a_subject_can_become_a_header(cast: Cast, form: FormPage, letterbox: Letterbox) -> None:
    post = {"action": "save", "subject": "件名\r\nBcc: other@example.jp\x00", "body": "{氏名}"}
    editor_of(cast).post(url_of(form), post)
    assert draft_of(form).mails["arrived"]["subject"] == "件名 Bcc: other@example.jp"
    worded(form, subject="{氏名}")
    application = submit(form, ANSWERS)
    Application.objects.filter(pk=application.pk).update(applicant="花子\r\nBcc: other@example.jp")
    deliver_due()
    (letter,) = letterbox.letters
    assert letter.message["Bcc"] is None and letter.recipients == [ADDRESS]
    assert letter["Subject"] == "花子 Bcc: other@example.jp"


# --- which text: that of today


def test_a_text_mended_today_goes_out_for_what_was_begun_before(form: FormPage) -> None:
    application = submit(worded(form, body="古い文"), ANSWERS)
    worded(form, body="新しい文")
    assert sent(application).body == "新しい文\n"


def test_a_text_that_asks_for_a_newer_item_is_not_sent_to_who_never_saw_it(form: FormPage) -> None:
    application = submit(worded(form, body="古い文"), ANSWERS)
    newer = make_form(form.department, code="worded", steps={"申請者": [*STEPS["申請者"], item("text", "新項目")]})
    worded(newer, body="{回答：新項目}")
    assert sent(application).body == "古い文\n"


def test_what_was_never_published_is_never_sent(cast: Cast, form: FormPage) -> None:
    editor_of(cast).post(url_of(form), {"action": "save", "subject": "下書き", "body": "下書き"})
    assert draft_of(form).mails
    assert sent(submit(form, ANSWERS)).subject.startswith("【みほん市】申請を受け付けました")


def test_the_default_comes_back(cast: Cast, form: FormPage) -> None:
    worded(form)
    answer = editor_of(cast).post(url_of(form), {"action": "reset"}, follow=True)
    assert "標準の文を保存しました" in answer.content.decode()
    assert draft_of(form).mails == {}


# --- languages


def in_language(application: Application, code: str) -> Application:
    Application.objects.filter(pk=application.pk).update(language=code)
    return application


def test_the_default_is_in_the_language_of_the_resident_and_staff_can_read_it(cast: Cast, form: FormPage) -> None:
    message = sent(in_language(submit(form, ANSWERS), "en"))
    assert message.subject.startswith("[みほん市] We have received your application (reference number ")
    assert "Dear 見本 花子," in message.body and "申請を受け付けました" not in message.body
    assert "次の申請を受け付けました。" in message.native_body
    client = Client()
    client.force_login(cast.officer)
    text = client.get(f"/admin/messages/inspect/{message.pk}/").content.decode()
    assert "日本語で" in text and "次の申請を受け付けました。" in text and "English" in text


def test_a_wording_goes_out_in_its_translation_else_in_japanese(form: FormPage) -> None:
    worded(form, translations={"en": {BODY: "Dear {氏名},\nyou wish: {回答：希望}"}})
    application = in_language(submit(form, ANSWERS), "en")
    assert sent(application).body == "Dear 見本 花子,\nyou wish: 午前\n"
    other = in_language(submit(form, ANSWERS), "vi")
    assert sent(other).body.startswith("見本 花子さん\n")


def test_the_translation_screen_lists_subject_and_body_and_keeps_the_lines(cast: Cast, form: FormPage) -> None:
    sources = {text.source: text for text in page_texts(worded(form))}
    assert SUBJECT in sources and sources[BODY].is_block


def test_an_unknown_language_reads_japanese(form: FormPage) -> None:
    assert sent(in_language(submit(form, ANSWERS), "xx")).language == "ja"


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_every_default_uses_only_marks_it_has_in_every_language(code: str) -> None:
    for each in mails().values():
        with override(code):
            wording = each.default()
        marks = set(each.every_mark)
        assert set(MARK.findall(wording.subject + wording.body)) <= marks, each.name
        made = fill(wording, dict.fromkeys(marks, "値"))
        assert "{" not in made.subject + made.body and made.body.strip(), each.name
        assert all(f"{{{name}}}" in wording.body for name in each.needed), each.name


def test_every_mail_names_a_subscriber_that_is_there() -> None:
    assert {each.sender for each in mails().values()} <= set(subscribers())


def test_a_heading_without_anything_below_goes() -> None:
    text = "■ 見出し\n{ない}\n\n■ 次\n{ある}\n残る"
    assert filled(text, {"ある": "値"}) == "■ 次\n値\n残る"


# --- the screen


def test_the_list_has_the_mails_of_this_form_alone(cast: Cast, form: FormPage) -> None:
    text = editor_of(cast).get(f"/admin/forms/{form.pk}/mails/").content.decode()
    assert "差し戻したとき" in text
    assert "予約が確定したとき" not in text and "納付を確認したとき" not in text


def test_the_sample_is_shown_without_saving(cast: Cast, form: FormPage) -> None:
    post = {"action": "preview", "subject": SUBJECT, "body": BODY, "language": "ja"}
    text = editor_of(cast).post(url_of(form), post).content.decode()
    assert "受け付けました 7KPM4XW2R" in text and "希望は（希望）ですね" in text
    assert draft_of(form).mails == {}


def test_a_trial_goes_to_who_asks_and_to_nobody_else(cast: Cast, form: FormPage, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cast.editor.email = "editor@example.jp"
    cast.editor.save()
    post = {"action": "test", "subject": SUBJECT, "body": BODY, "language": "ja", "to": "other@example.jp"}
    text = editor_of(cast).post(url_of(form), post).content.decode()
    assert "editor@example.jp に送りました" in text
    (letter,) = mail.outbox
    assert letter.to == ["editor@example.jp"] and letter.subject == "【試し送り】受け付けました 7KPM4XW2R"
    assert not Message.objects.exists()


def test_without_a_mail_server_a_trial_is_shown_and_said_not_to_be_sent(
    cast: Cast, form: FormPage, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    type(cast.editor).objects.filter(pk=cast.editor.pk).update(email="editor@example.jp")
    post = {"action": "test", "subject": SUBJECT, "body": BODY, "language": "ja"}
    text = editor_of(cast).post(url_of(form), post).content.decode()
    assert "送っていません" in text and "に送りました" not in text
    assert "【試し送り】受け付けました 7KPM4XW2R" in text and "宛先：editor@example.jp" in text
    assert not Message.objects.exists()


def test_a_wording_that_is_only_in_the_draft_is_marked_and_leads_to_where_it_is_published(
    cast: Cast, form: FormPage
) -> None:
    client, mark = editor_of(cast), '<span class="w-status">下書き</span>'
    index = f"/admin/forms/{form.pk}/mails/"
    assert mark not in client.get(index).content.decode()
    post = {"action": "save", "subject": SUBJECT, "body": BODY}
    text = client.post(url_of(form), post, follow=True).content.decode()
    assert f"/admin/pages/{form.pk}/edit/" in text and "申請フォームの編集へ（公開する）" in text
    assert "まだ下書きです" in text
    assert client.get(index).content.decode().count(mark) == 1
    draft_of(form).save_revision().publish()
    assert mark not in client.get(index).content.decode()
    assert "まだ下書きです" not in client.get(url_of(form)).content.decode()
    client.post(url_of(form), {"action": "reset"})  # back to the default: in the draft alone, too
    assert client.get(index).content.decode().count(mark) == 1


def test_text_that_is_not_saved_is_known_as_such(cast: Cast, form: FormPage) -> None:
    client, known = editor_of(cast), 'data-w-unsaved-force-value="true"'
    assert known not in client.get(url_of(form)).content.decode()
    post = {"action": "preview", "subject": SUBJECT, "body": BODY}
    assert known in client.post(url_of(form), post).content.decode()


def test_who_has_no_address_is_told_where_to_put_one(cast: Cast, form: FormPage) -> None:
    type(cast.editor).objects.filter(pk=cast.editor.pk).update(email="")
    post = {"action": "test", "subject": SUBJECT, "body": BODY}
    assert "メールアドレスが登録されていません" in editor_of(cast).post(url_of(form), post).content.decode()


def test_nobody_words_the_mails_of_another_department(cast: Cast) -> None:
    other = make_form(cast.waste, code="waste-form")
    answer = editor_of(cast).post(url_of(other), {"action": "save", "subject": "一", "body": "二"})
    assert answer.status_code in (302, 403) and draft_of(other).mails == {}
    client = Client()
    client.force_login(cast.officer)
    assert client.get(url_of(other)).status_code in (302, 403)


def test_the_wordings_travel_with_the_form_file(cast: Cast, form: FormPage) -> None:
    data = export_form(worded(form))
    data["form"]["code"] = "copied"
    section = form.get_parent().specific
    assert import_form(data, section=section, publish=True).mails == {"arrived": {"subject": SUBJECT, "body": BODY}}


def test_the_decision_is_told_and_each_of_the_two_may_have_words_of_its_own(cast: Cast, form: FormPage) -> None:
    page = draft_of(form)
    page.mails = {"followup_rejected": {"subject": "結果", "body": "{アドレス}"}}
    page.save_revision().publish()
    for action, template in ((Action.APPROVE, "followup_decided"), (Action.REJECT, "followup_rejected")):
        application = submit(form, ANSWERS)
        move(application.pk, Action.REVIEW, actor=cast.officer)
        move(application.pk, action, actor=cast.approver)
        assert "/status/" in sent(application, template).body
    assert Message.objects.get(template="followup_rejected").subject == "結果"
