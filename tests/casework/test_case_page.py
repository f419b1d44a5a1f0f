"""One application as an officer reads it."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applications.lifecycle import move
from applications.models import Application, Attachment
from applications.references import new_reference
from applications.services import keep_answers
from applications.status import Action, Status
from casework.access import masked
from casework.case import UNREADABLE, sections_of
from cms.models import Role
from demo.load import FORMS
from formbuilder.models import FormPage
from tests.support.cast import (
    SOMEBODY,
    USUAL_STEPS,
    Cast,
    answers_by_key,
    current_version,
    draft,
    item,
    key_of,
    load_form,
    make_form,
    make_staff,
    submit,
    when,
)

ACCOUNT = {
    "bank_code": "0140",
    "bank_name": "みほん銀行",
    "branch_code": "001",
    "branch_name": "本店",
    "kind": "1",
    "number": "0123456",
    "holder": "ﾐﾎﾝ ﾊﾅｺ",
}


def page_html(client: Client, application: Application) -> str:
    return client.get(reverse("casework:case", args=(application.public_id,))).content.decode()


def answers_of(application: Application, *, show_sensitive: bool = True) -> dict[str, dict[str, str]]:
    """step -> label -> text."""
    fresh = Application.objects.get(pk=application.pk)
    sections = sections_of(fresh, show_sensitive=show_sensitive)
    return {section.title: {row.label: row.text for row in section.rows} for section in sections}


def test_every_answer_stands_under_its_step_in_the_order_of_the_form(cast: Cast) -> None:
    application = submit(cast.form, {**SOMEBODY, "電話番号": "090-1234-5678", "備考": "一行目"})
    assert answers_of(application) == {
        "申請者": {"氏名": "見本 花子", "フリガナ": "ミホン ハナコ", "メールアドレス": "", "電話番号": "090-1234-5678"},
        "内容": {"備考": "一行目", "振込先": ""},
    }
    assert list(answers_of(application)["申請者"]) == ["氏名", "フリガナ", "メールアドレス", "電話番号"]


def test_the_page_shows_number_state_moment_version_and_history(cast: Cast, client: Client) -> None:
    application = submit(cast.form)
    cast.officer.last_name, cast.officer.first_name = "窓口", "太郎"
    cast.officer.save()
    move(application.pk, Action.RETURN, actor=cast.officer, data={"reason": "写真が読めません。"})
    client.force_login(cast.officer)
    html = page_html(client, application)
    for shown in (
        application.reference,
        "差戻し",
        "出産応援ギフト（第1版）",
        "こども家庭課",
        "申請者が申請内容を確定しました。",
        "システムが申請を受け付けました。",
        "窓口 太郎が申請を差し戻しました。",
        "写真が読めません。",
        "（入力なし）",
    ):
        assert str(shown) in html


def test_answers_are_read_with_the_version_that_was_filled_in(cast: Cast) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "旧い様式で"})
    make_form(cast.children, steps={"新しい画面": [item("full_name", "氏名"), item("kana_name", "フリガナ")]})
    assert current_version(cast.form).number == 2
    assert answers_of(application)["内容"]["備考"] == "旧い様式で"


def test_an_item_that_was_hidden_is_not_shown(cast: Cast) -> None:
    form = make_form(
        cast.children,
        code="twins",
        steps={
            "妊娠": [
                item("yes_no", "多胎ですか"),
                item("number", "胎児の数", required=False, condition=when("多胎ですか", "eq", "はい")),
            ]
        },
    )
    application = draft(form, {"多胎ですか": True, "胎児の数": "3"})
    answers = answers_by_key(current_version(form), {"多胎ですか": False})
    keep_answers(application.pk, taken=answers, unfinished={})
    assert answers_of(application) == {"妊娠": {"多胎ですか": "いいえ"}}


def test_what_was_typed_is_never_markup(cast: Cast, client: Client) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "<script>alert(1)</script>\n二行目"})
    client.force_login(cast.officer)
    html = page_html(client, application)
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_an_officer_reads_sensitive_answers_and_an_auditor_their_end(cast: Cast, client: Client) -> None:
    application = submit(cast.form, {**SOMEBODY, "振込先": ACCOUNT})
    client.force_login(cast.officer)
    assert "0123456" in page_html(client, application)
    client.force_login(cast.auditor)
    html = page_html(client, application)
    assert "<dd>●●●●456</dd>" in " ".join(html.split()).replace("<dd> ", "<dd>").replace(" </dd>", "</dd>")
    assert "機微な情報は、一部を伏せて表示しています。" in html
    for hidden in ("0123456", "みほん銀行", "ん銀行", "本店", "ﾐﾎﾝ", "ﾅｺ", "口座番号", "金融機関"):
        assert hidden not in html


SECRETS = {
    "希望する氏名": ("full_name", {"family": "見本山本太", "given": "花子之助之助"}, "●●●●"),
    "避難先": (
        "address",
        {
            "postcode": "9518550",
            "prefecture": "新潟県",
            "city": "新潟市中央区",
            "town": "学校町通1番町602-1",
            "building": "",
        },
        "●●●●",
    ),
    "理由": ("choice", "b", "●●●●"),
    "事情": ("choices", ["a", "b"], "●●●●"),
    "手帳の番号": ("text", "AB-1234567", "●●●●567"),
    "療養中": ("yes_no", True, "●●●●"),
}
REASONS = [{"label": "生活保護を受けている", "code": "a"}, {"label": "配偶者から逃れている", "code": "b"}]


def test_of_parts_and_options_an_auditor_sees_nothing(cast: Cast) -> None:
    settings: dict[str, dict[str, Any]] = {"choice": {"choices": REASONS}, "choices": {"choices": REASONS}}
    items = [item(type_, name, sensitive=True, **settings.get(type_, {})) for name, (type_, _, _) in SECRETS.items()]
    form = make_form(cast.children, code="secrets", steps={"事情": items})
    application = submit(form, {name: answer for name, (_, answer, _) in SECRETS.items()})
    shown = answers_of(application, show_sensitive=False)["事情"]
    assert shown == {name: text for name, (_, _, text) in SECRETS.items()}
    assert answers_of(application)["事情"]["理由"] == "配偶者から逃れている"


def test_who_is_auditor_here_and_officer_elsewhere_sees_no_sensitive_answer(cast: Cast, client: Client) -> None:
    application = submit(cast.form, {**SOMEBODY, "振込先": ACCOUNT})
    client.force_login(make_staff("both", (cast.children, Role.AUDITOR), (cast.waste, Role.OFFICER)))
    assert "0123456" not in page_html(client, application)


@pytest.mark.parametrize(
    ("text", "shown"), [("", ""), ("1234567", "●●●●567"), ("123456", "●●●●456"), ("12345", "●●●●"), ("1", "●●●●")]
)
def test_masking_gives_away_the_end_of_long_texts_only(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_lost_key_does_not_hide_the_rest_of_the_case(cast: Cast, settings: LazySettings) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "読める", "振込先": ACCOUNT})
    settings.VAULT_KEYS = ["another key"]
    assert answers_of(application)["内容"] == {"備考": "読める", "振込先": UNREADABLE}


# --- files

FILES = {
    "添付": [
        item("photo", "手帳の表紙", required=False),
        item("file", "通帳の写し", required=False, sensitive=True),
        item("text", "備考", required=False),
    ]
}


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="files", steps=FILES)


def attach_to(application: Application, name: str, content_type: str, label: str = "", *, key: str = "") -> Attachment:
    """To the item of that label, or of that key."""
    attachment = Attachment(
        application=application,
        field_key=key or key_of(label),
        name=name,
        content_type=content_type,
        size=2048,
        sha256="0" * 64,
    )
    attachment.file.save(name, ContentFile(b"content of " + name.encode()))
    return attachment


def file_url(attachment: Attachment) -> str:
    return reverse("casework:file", args=(attachment.application.public_id, attachment.public_id))


def status_of(client: Client, attachment: Attachment) -> int:
    response = client.get(file_url(attachment))
    b"".join(response)  # to the end, which closes the file
    return response.status_code


def test_every_file_has_its_name_its_size_and_a_link(cast: Cast, client: Client, form: FormPage) -> None:
    application = submit(form, {})
    picture = attach_to(application, "表紙.jpg", "image/jpeg", "手帳の表紙")
    copy = attach_to(application, "通帳.pdf", "application/pdf", "通帳の写し")
    client.force_login(cast.officer)
    html = page_html(client, application)
    for shown in ("表紙.jpg", "通帳.pdf", "2.0\xa0KB", f'href="{file_url(copy)}"', f'src="{file_url(picture)}"'):
        assert shown in html
    assert f'src="{file_url(copy)}"' not in html


def test_a_file_is_handed_out_so_that_no_browser_runs_it(cast: Cast, client: Client, form: FormPage) -> None:
    attachment = attach_to(submit(form, {}), "表紙.jpg", "image/jpeg", "手帳の表紙")
    client.force_login(cast.officer)
    response = client.get(file_url(attachment))
    assert b"".join(response) == "content of 表紙.jpg".encode()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_a_file_of_another_application_is_not_found(cast: Cast, client: Client, form: FormPage) -> None:
    attachment, other = attach_to(submit(form, {}), "表紙.jpg", "image/jpeg", "手帳の表紙"), submit(form, {})
    client.force_login(cast.officer)
    address = reverse("casework:file", args=(other.public_id, attachment.public_id))
    assert client.get(address).status_code == 404


def test_a_file_that_is_gone_from_the_storage_is_not_found(cast: Cast, client: Client, form: FormPage) -> None:
    attachment = attach_to(submit(form, {}), "表紙.jpg", "image/jpeg", "手帳の表紙")
    attachment.file.storage.delete(str(attachment.file.name))
    client.force_login(cast.officer)
    assert client.get(file_url(attachment)).status_code == 404


def test_an_auditor_opens_no_file_of_a_sensitive_item(cast: Cast, client: Client, form: FormPage) -> None:
    application = submit(form, {})
    picture = attach_to(application, "表紙.jpg", "image/jpeg", "手帳の表紙")
    copy = attach_to(application, "通帳.pdf", "application/pdf", "通帳の写し")
    stray = attach_to(application, "迷子.pdf", "application/pdf", "どの項目でもない")
    client.force_login(cast.auditor)
    html = page_html(client, application)
    assert "通帳.pdf（開けません）" in html
    assert file_url(copy) not in html
    opened = client.get(file_url(picture))
    assert b"".join(opened)
    assert opened.status_code == 200
    assert {client.get(file_url(each)).status_code for each in (copy, stray)} == {404}


def test_an_auditor_opens_no_copy_of_a_passbook_of_the_demo_form(cast: Cast, client: Client) -> None:
    data = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
    form = load_form(data, cast.children)
    application = draft(form, {})
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, received_at=timezone.now(), reference=new_reference()
    )
    application.refresh_from_db()
    fields = application.version.engine.fields.values()
    copies = {
        field.key: attach_to(application, f"{field.key}.pdf", "application/pdf", key=field.key)
        for field in fields
        if field.type.takes_files
    }
    client.force_login(cast.auditor)
    assert len(copies) > 1
    assert {key for key, copy in copies.items() if status_of(client, copy) == 404} == {"tsucho"}
    client.force_login(cast.officer)
    assert status_of(client, copies["tsucho"]) == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_case_is_only_looked_at(cast: Cast, client: Client, method: str) -> None:
    application = submit(cast.form)
    client.force_login(cast.officer)
    address = reverse("casework:case", args=(application.public_id,))
    assert getattr(client, method)(address).status_code == 405


def test_the_number_of_queries_does_not_depend_on_the_form(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    long = make_form(
        cast.children,
        code="long",
        steps={**USUAL_STEPS, "多い": [item("text", f"項目{number}", required=False) for number in range(60)]},
    )
    application = submit(long, {**SOMEBODY, **{f"項目{number}": "答え" for number in range(60)}})
    client.force_login(cast.officer)
    page_html(client, application)
    with django_assert_max_num_queries(23):  # one of them notes the look
        assert page_html(client, application).count("答え") == 60
