"""メッセージ on the resident's side: what was written, and the box for an answer. Works without a script."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import PUBLIC_ID, Application, new_public_id
from applications.uploads import check_file, dropped_boxes
from applications.views.files import file_response
from cms import languages
from dialogue import messages
from dialogue.messages import LONGEST, MOST_FILES, POLICY, Closed, may_answer
from dialogue.models import LetterFile
from followup import limits, session
from followup.models import Code
from followup.thread import thread_of
from followup.views.status import application_of, over
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.uploads.policy import MEGABYTE, accept_attribute, describe
from formbuilder.uploads.refused import UploadRefused

EMPTY = gettext_noop("メッセージを入力してください。")
TOO_LONG = gettext_noop("メッセージは{most}文字以内で入力してください（今は{count}文字です）。")
TOO_MANY_FILES = gettext_noop("ファイルは{most}個までです。いらないものを削除してから選んでください。")
TOO_LARGE = gettext_noop("ファイルが大きすぎて受け取れませんでした。一度に送れるのは、全部で{total}MBまでです。")
TOO_OFTEN = gettext_noop(
    "短いあいだに何度も送られたため、いまは送れません。入力した文は残っています。"
    "1時間ほどたってから、もう一度送ってください。"
)
CLOSED = gettext_noop("この申請は終わったため、メッセージを送れません。担当の課に連絡してください。")


@dataclass
class Typed:
    """What the page brought; problems: (box, what to do)."""

    token: str
    text: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    entered = session.entered(request)
    visit = entered or (session.left_open(request) if request.method == "POST" else None)
    if visit is None:
        return over()
    if request.method != "POST":
        return _page(request, visit, Typed(new_public_id()))
    return _receive(request, visit)


def _receive(request: HttpRequest, visit: Code) -> HttpResponse:
    language = languages.chosen_within(request)
    application = application_of(visit)
    token = request.POST.get("token", "")
    typed = Typed(token if PUBLIC_ID.fullmatch(token) else new_public_id(), clean_block(request.POST.get("text", "")))
    is_to_send = request.POST.get("action") == "send"
    if is_to_send and messages.was_sent(application, typed.token):  # the second tap of a double tap
        return _sent(request)
    try:
        _keep_files(request, application, typed)
        if is_to_send and not typed.problems:
            _send(application, typed)
            if not typed.problems:
                return _sent(request)
    except Closed:
        typed.problems.append(("", _(CLOSED)))
    if is_to_send and messages.was_sent(application, typed.token):  # by the other tap, in this moment
        return _sent(request)
    response = _page(request, visit, typed)
    if language:
        languages.remember(response, language)
    return response


def _sent(request: HttpRequest) -> HttpResponse:
    """Who came too late to see anything is told at the door that it has been sent."""
    is_in = session.entered(request) is not None
    response = redirect("status-messages" if is_in else "status")
    response["Location"] += "?sent=1"
    return response


def _send(application: Application, typed: Typed) -> None:
    """Raises Closed."""
    if not typed.text and not messages.staged(application, typed.token):
        typed.problems.append(("text", _(EMPTY)))
    elif len(typed.text) > LONGEST:
        typed.problems.append(("text", _(TOO_LONG).format(most=LONGEST, count=len(typed.text))))
    elif not limits.LETTERS_OF_APPLICATION.take(application.public_id):
        typed.problems.append(("", _(TOO_OFTEN)))
    else:
        messages.answer(application, text=typed.text, token=typed.token)


def _keep_files(request: HttpRequest, application: Application, typed: Typed) -> None:
    """Good files stay with what is being typed, whatever is wrong with others. Raises Closed."""
    if removed := request.POST.get("remove", ""):
        messages.unstage(application, token=typed.token, public_id=removed)
    for upload in request.FILES.getlist("files"):
        if not limits.FILES_OF_APPLICATION.take(application.public_id):
            typed.problems.append(("files", _(TOO_OFTEN)))
            return
        try:
            checked = check_file(upload, POLICY, application, messages.ORIGIN)
        except UploadRefused as refused:
            typed.problems.append(("files", f"「{clean_line(upload.name or '')[:60]}」：{refused.message}"))
            continue
        if not messages.stage(application, token=typed.token, checked=checked):
            typed.problems.append(("files", _(TOO_MANY_FILES).format(most=MOST_FILES)))
            return
    if "files" in dropped_boxes(request):
        typed.problems.append(("files", _(TOO_LARGE).format(total=settings.UPLOAD_MAX_BYTES // MEGABYTE)))


def _page(request: HttpRequest, visit: Code, typed: Typed) -> HttpResponse:
    application = application_of(visit)
    is_in = session.entered(request) is not None  # who came too late sees what was typed, and nothing else
    written = messages.letters_of(application) if is_in else []
    context: dict[str, Any] = {
        "title": application.version.spoken.definition.title,
        "reference": application.reference,
        "department": application.department,
        "thread": thread_of(application, written),
        "is_in": is_in,
        "may_write": may_answer(application),
        "is_sent": "sent" in request.GET,
        "typed": typed,
        "staged": messages.staged(application, typed.token) if request.method == "POST" else [],
        "files_help": describe(POLICY),
        "accept": accept_attribute(POLICY),
        "longest": LONGEST,
        "most_files": MOST_FILES,
        "visit": session.seal_of(visit),
    }
    if request.method != "HEAD":
        messages.read_by_resident(written)
    return TemplateResponse(request, "followup/messages.html", context)


@require_safe
def open_file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A file of a message, of either side."""
    visit = session.entered(request)
    if visit is None:
        return over()
    found = LetterFile.objects.filter(application=application_of(visit), public_id=public_id, letter__isnull=False)
    if (file := found.first()) is None:
        raise Http404
    return file_response(file)
