"""A form speaks other languages: its texts are translated, its answers stay the same."""

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from formbuilder.compiler import CompileErrors
from formbuilder.definition import FormDefinition
from formbuilder.exporting import export_form
from formbuilder.models import FormPage
from formbuilder.translating import Native, texts_of, translated
from formbuilder.translations import OTHERS, changed, page_texts, progress
from tests.support.cast import Cast, current_version, item, make_form

STEPS = {
    "申請者": [
        item("full_name", "氏名", help="住民票のとおり"),
        item("choice", "受取", choices=[{"label": "郵送", "code": ""}, {"label": "窓口", "code": "desk"}]),
        item("rich_text", "覚え書き", html="<p>お読みください</p>"),
        item("consent", "同意", statement="内容に同意する"),
    ]
}
VI = {
    "申請者": "Người nộp đơn",
    "氏名": "Họ tên",
    "受取": "Cách nhận",
    "郵送": "Gửi bưu điện",
    "<p>お読みください</p>": '<p>Hãy đọc</p><script>alert("x")</script>',
}


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


def with_vietnamese(form: FormPage, **said: str) -> FormPage:
    page: FormPage = form.get_latest_revision_as_object()
    page.translations = {"vi": {**VI, **said}}
    page.save_revision().publish()
    return FormPage.objects.get(pk=form.pk)


def draft_of(form: FormPage) -> FormPage:
    page: FormPage = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    return page


def url_of(form: FormPage, file: str = "/") -> str:
    return f"/admin/forms/{form.pk}/translations{file}"


def editor_of(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.editor)
    return client


def test_every_text_is_listed_once_with_its_place(form: FormPage) -> None:
    texts = texts_of(form.compile())
    sources = [text.source for text in texts]
    assert len(sources) == len(set(sources))
    assert {"申請者", "氏名", "住民票のとおり", "郵送", "窓口", "<p>お読みください</p>", "内容に同意する"} <= set(
        sources
    )
    assert "覚え書き" not in sources  # a note for editors
    assert next(text for text in texts if text.source == "郵送").where.endswith("受取の選択肢")


def test_a_resident_reads_the_translation_and_untranslated_texts_are_marked(form: FormPage) -> None:
    with_vietnamese(form)
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    page = client.get(f"/apply/{form.code}/1/").content.decode()
    assert "Họ tên" in page and "Gửi bưu điện" in page and "<p>Hãy đọc</p>" in page
    assert "alert(" not in page
    assert '<span lang="ja">窓口</span>' in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ja"
    assert "Họ tên" not in client.get(f"/apply/{form.code}/1/").content.decode()


def test_keys_and_values_are_those_of_the_japanese_form(form: FormPage) -> None:
    definition = with_vietnamese(form).compile()
    spoken = translated(definition, "vi")
    for mine, theirs in zip(definition.fields(), spoken.fields(), strict=True):
        assert (mine.key, mine.type, mine.name, mine.required) == (
            theirs.key,
            theirs.type,
            theirs.name,
            theirs.required,
        )
    choice = next(found for found in spoken.fields() if found.type == "choice")
    assert [each["value"] for each in choice.options["choices"]] == ["郵送", "desk"]
    assert isinstance(choice.options["choices"][1]["label"], Native)


def test_the_version_takes_its_translations_along_and_old_documents_load(form: FormPage) -> None:
    before = current_version(form)
    assert "translations" not in before.document
    assert FormDefinition.from_json(before.document).translations == {}
    after = current_version(with_vietnamese(form, 昔の文="Cũ"))
    assert after.number == before.number + 1
    assert after.document["translations"]["vi"]["氏名"] == "Họ tên"
    assert "昔の文" not in after.document["translations"]["vi"]
    assert FormDefinition.from_json(after.document).digest() == after.digest


def test_a_required_language_that_is_not_whole_keeps_the_form_from_being_published(form: FormPage) -> None:
    page = form.get_latest_revision_as_object()
    page.translations, page.required_languages = {"vi": VI}, ["vi"]
    with pytest.raises(CompileErrors) as refused:
        page.save_revision().publish()
    assert any("窓口" in problem.message and problem.block for problem in refused.value.problems)
    changed(page, page_texts(page), "vi", {text.source: "x" for text in page_texts(page)})
    page.save_revision().publish()
    assert progress(page, page_texts(page))[-1].missing == 0


def test_what_a_draft_holds_instead_of_translations_is_left_out(form: FormPage) -> None:
    page = form.get_latest_revision_as_object()
    given: list[Any] = [[], "x", {"vi": []}, {"xx": {"氏名": "x"}}, {"vi": {"氏名": 1, "受取": ""}}]
    for nonsense in given:
        page.translations = nonsense
        assert page.compile().translations == {}


def test_the_screen_saves_a_draft(form: FormPage, cast: Cast) -> None:
    client = editor_of(cast)
    shown = client.get(url_of(form), {"language": "vi"}).content.decode()
    assert "訳がありません" in shown and "Tiếng Việt" in shown
    name = shown.partition('<label for="t-')[2].partition('"')[0]
    client.post(url_of(form), {"language": "vi", "action": "save", f"t-{name}": "Tên thủ tục"})
    draft = draft_of(form)
    assert list(draft.translations["vi"].values()) == ["Tên thủ tục"]
    assert FormPage.objects.get(pk=form.pk).translations == {}


def test_the_file_for_translators_goes_out_and_comes_back(form: FormPage, cast: Cast) -> None:
    client = editor_of(cast)
    book = load_workbook(BytesIO(client.get(url_of(form, ".xlsx")).content))
    sheet: Any = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "氏名")
    row[heads.index("English")].value = "Name"
    sheet.append(["知らない文", "", *["x"] * len(OTHERS)])
    saved = BytesIO()
    book.save(saved)
    upload = SimpleUploadedFile("t.xlsx", saved.getvalue())
    told = client.post(url_of(form), {"action": "import", "file": upload}, follow=True).content.decode()
    assert "1件の訳を取り込みました" in told and "今のフォームにない文が1件" in told
    assert draft_of(form).translations == {"en": {"氏名": "Name"}}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"<html>"])
def test_a_file_that_cannot_be_read_changes_nothing(form: FormPage, cast: Cast, content: bytes) -> None:
    upload = SimpleUploadedFile("t.xlsx", content)
    told = editor_of(cast).post(url_of(form), {"action": "import", "file": upload}, follow=True).content.decode()
    assert "読めませんでした" in told or "選んでください" in told
    assert draft_of(form).translations == {}


def test_the_guide_page_speaks_too_and_holds_nothing_dangerous(form: FormPage) -> None:
    page = draft_of(form)
    page.guide = "<p>対象の方</p>"
    page.translations = {
        "vi": {"<p>対象の方</p>": "<p onclick='x()'>Đối tượng</p><script>1</script>", page.title: "Quà"}
    }
    page.save_revision().publish()
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    shown = client.get(FormPage.objects.get(pk=form.pk).url).content.decode().partition("<main")[2]
    assert "<p>Đối tượng</p>" in shown and "Quà" in shown
    assert "onclick" not in shown and "<script>1" not in shown


def test_another_department_and_residents_are_kept_out(form: FormPage, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.other_officer)
    assert client.get(url_of(form)).status_code in (302, 403, 404)
    assert Client().get(url_of(form)).status_code == 302


def test_translations_travel_with_the_form_file(form: FormPage) -> None:
    assert export_form(with_vietnamese(form))["form"]["translations"]["vi"]["氏名"] == "Họ tên"
