"""翻訳 of a form, in the admin: every text, language by language, and the file for translators."""

import hashlib
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cms.languages import Language
from formbuilder.editing import draft_of, lock_of
from formbuilder.models import FormPage
from formbuilder.translating import Text
from formbuilder.translation_sheet import SheetRefused, read_sheet, sheet_of
from formbuilder.translations import OTHERS, changed, page_texts, progress, tidy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
def translations(request: HttpRequest, pk: int) -> HttpResponseBase:
    page = draft_of(request, pk)
    texts = page_texts(page)
    language = _language(request)
    if request.method == "POST":
        return _save(request, page, texts, language)
    said = tidy(page.translations).get(language.code, {})
    context = {
        "page": page,
        "language": language,
        "rows": [(_name(text), text, said.get(text.source, "")) for text in texts],
        "progress": progress(page, texts),
        "languages": OTHERS,
        "required": page.required_languages,
        "lock": lock_of(request, page),
    }
    return TemplateResponse(request, "formbuilder/admin/translations.html", context)


@require_safe
def translation_file(request: HttpRequest, pk: int) -> HttpResponse:
    page = draft_of(request, pk)
    response = HttpResponse(sheet_of(page_texts(page), tidy(page.translations)), content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'翻訳_{page.code}.xlsx')}"
    return response


def _save(request: HttpRequest, page: FormPage, texts: list[Text], language: Language) -> HttpResponseBase:
    back = f"{reverse('form_translations', args=(page.pk,))}?language={language.code}"
    if lock := lock_of(request, page):
        messages.error(request, lock)
        return redirect(back)
    action = request.POST.get("action")
    if action == "required":
        known = {each.code for each in OTHERS}
        page.required_languages = [code for code in request.POST.getlist("required") if code in known]
        told = "公開に必要な言語を保存しました（下書き）。"
    elif action == "import":
        try:
            told = _imported(request, page, texts)
        except SheetRefused as refused:
            messages.error(request, str(refused))
            return redirect(back)
    else:
        posted = {text.source: request.POST[name] for text in texts if (name := _name(text)) in request.POST}
        told = f"{language.label}の訳を{changed(page, texts, language.code, posted)}件保存しました（下書き）。"
    page.save_revision(user=request.user, log_action=True)
    messages.success(request, f"{told}公開すると、申請する人に見えるようになります。")
    return redirect(back)


def _imported(request: HttpRequest, page: FormPage, texts: list[Text]) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise SheetRefused("取り込むファイルを選んでください。")
    given = read_sheet(file.read())
    count = sum(changed(page, texts, code, said) for code, said in given.items())
    known = {text.source for text in texts}
    unknown = len({source for said in given.values() for source in said} - known)
    left = f"今のフォームにない文が{unknown}件あり、取り込みませんでした。" if unknown else ""
    return f"ファイルから{count}件の訳を取り込みました（下書き）。{left}"


def _language(request: HttpRequest) -> Language:
    asked = request.POST.get("language") or request.GET.get("language", "")
    return next((language for language in OTHERS if language.code == asked), OTHERS[0])


def _name(text: Text) -> str:
    """Of the box: of the text itself, so that a form which changes meanwhile confuses nothing."""
    return f"t-{hashlib.sha256(text.source.encode()).hexdigest()[:24]}"
