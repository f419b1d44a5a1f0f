"""メールの文面 of a form, in the admin: what each mail says, how it will look, and one to try to one's own address."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from cms.languages import BY_CODE, LANGUAGES, NATIVE
from formbuilder.definition import FormDefinition
from formbuilder.editing import definition_of, draft_of, lock_of
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.mails import ANSWER, Mail, Wording, faults, mails_of, tidy_mails
from formbuilder.models import FormPage
from outreach.mail import is_kept_only
from outreach.words import Said, fill

NOT_SENT = "メールサーバーが設定されていないため、送っていません。送るはずのメールを「試し送り」に出しました。"


@require_safe
def wordings(request: HttpRequest, pk: int) -> TemplateResponse:
    page = draft_of(request, pk)
    own = tidy_mails(page.mails)
    used = _used(page)
    rows = [
        (mail, _now(mail, own).subject, mail.name in own, own.get(mail.name) != used.get(mail.name))
        for mail in mails_of(definition_of(page))
    ]
    return TemplateResponse(request, "outreach/admin/wordings.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def wording(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    page = draft_of(request, pk)
    definition = definition_of(page)
    mail = next((mail for mail in mails_of(definition) if mail.name == name), None)
    if mail is None:
        raise Http404
    own = tidy_mails(page.mails)
    said, problems, kept = _now(mail, own), list[str](), None
    if request.method == "POST":
        action = request.POST.get("action")
        said = _default(mail) if action == "reset" else _posted(request)
        problems = faults(mail, said, definition)
        if not problems and action in ("save", "reset"):
            return _save(request, page, mail, said)
        if not problems and action == "test":
            kept = _try(request, _sample(mail, said, page, definition, _language(request)))
    context = {
        "page": page,
        "mail": mail,
        "said": said,
        "problems": problems,
        "is_own": mail.name in own,
        "is_draft": own.get(mail.name) != _used(page).get(mail.name),
        "is_unsaved": said != _now(mail, own),
        "kept": kept,
        "marks": _marks(mail, page, definition),
        "sample": None if problems else _sample(mail, said, page, definition, _language(request)),
        "language": BY_CODE[_language(request)],
        "languages": LANGUAGES,
        "lock": lock_of(request, page),
    }
    return TemplateResponse(request, "outreach/admin/wording.html", context)


def _posted(request: HttpRequest) -> Wording:
    return Wording(clean_line(request.POST.get("subject", "")), clean_block(request.POST.get("body", "")))


def _default(mail: Mail) -> Wording:
    with override(NATIVE):
        return mail.default()


def _now(mail: Mail, own: dict[str, dict[str, str]]) -> Wording:
    return Wording(**own[mail.name]) if mail.name in own else _default(mail)


def _used(page: FormPage) -> dict[str, dict[str, str]]:
    """The wordings of what is published; a mail that is missing has the default."""
    version = page.versions.filter(is_current=True).first()
    return dict(version.engine.definition.mails) if version else {}


def _language(request: HttpRequest) -> str:
    code = request.POST.get("language", "")
    return code if code in BY_CODE else NATIVE


def _save(request: HttpRequest, page: FormPage, mail: Mail, said: Wording) -> HttpResponseBase:
    if lock := lock_of(request, page):
        messages.error(request, lock)
        return redirect("form_mail", page.pk, mail.name)
    own = {name: given for name, given in tidy_mails(page.mails).items() if name != mail.name}
    if said != _default(mail):
        own[mail.name] = {"subject": said.subject, "body": said.body}
    page.mails = own
    page.save_revision(user=request.user, log_action=True)
    told = "文面" if mail.name in own else "標準の文"
    publish = messages.button(reverse("wagtailadmin_pages:edit", args=(page.pk,)), "申請フォームの編集へ（公開する）")
    said_so = f"「{mail.label}」の{told}を保存しました（下書き）。公開すると、使われるようになります。"
    messages.success(request, said_so, buttons=[publish])
    return redirect("form_mail", page.pk, mail.name)


def _marks(mail: Mail, page: FormPage, definition: FormDefinition) -> list[tuple[str, str]]:
    """(what to write, what may come of it)."""
    return [(f"{{{name}}}", sample) for name, sample in _samples(mail, page, definition).items()]


def _samples(mail: Mail, page: FormPage, definition: FormDefinition) -> dict[str, str]:
    department = page.department
    ours = {
        "手続名": page.title,
        "自治体名": settings.WAGTAIL_SITE_NAME,
        "担当課": department.name,
        "電話": department.phone or "000-000-0000",
        "課のメール": department.email or "ka@example.jp",
    }
    answers = {f"{ANSWER}{name}": f"（{item.label}）" for name, item in mail.insertable(definition).items()}
    return {**mail.every_mark, **ours, **answers}


def _sample(mail: Mail, said: Wording, page: FormPage, definition: FormDefinition, code: str) -> Wording:
    """As somebody might get it in that language."""
    is_default = said == _default(mail)
    with override(code):
        wording = mail.default() if is_default else Said(said, definition).here()
        return fill(wording, {**_samples(mail, page, definition), "手続名": page.said(page.title)})


def _try(request: HttpRequest, sample: Wording) -> EmailMessage | None:
    """To the address of who asks, and to no other. The mail that has to be shown here, since no server takes it.

    送信メール has none of them: what stands there belongs to an application.
    """
    to = request.user.email if request.user.is_authenticated else ""
    if not to:
        messages.error(request, "あなたのメールアドレスが登録されていません。アカウントの画面で登録してください。")
        return None
    mail = EmailMessage(f"【試し送り】{sample.subject}", sample.body, settings.DEFAULT_FROM_EMAIL, [to])
    if is_kept_only():
        messages.warning(request, NOT_SENT)
        return mail
    try:
        mail.send()
    except (OSError, smtplib.SMTPException):
        messages.error(request, "送れませんでした。しばらくしてから、もう一度お試しください。")
    else:
        messages.success(request, f"{to} に送りました。")
    return None
