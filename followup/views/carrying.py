"""続きの番号, on both devices: shown on the one, typed into the other."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.expiry import expires_at
from applications.limits import network_of
from applications.services import NotEditable
from followup import carrying, limits
from followup.resuming import token_of
from followup.views.turning import visit_with_draft


@require_http_methods(["GET", "HEAD", "POST"])
def show_code(request: HttpRequest, code: str) -> HttpResponse:
    """A code each time the button is pressed; looking makes none."""
    visit, elsewhere = visit_with_draft(request, code)
    if elsewhere is not None:
        return elsewhere
    if request.method != "POST":
        return redirect("apply-later", code=code)
    assert visit.application is not None
    try:
        made = carrying.make_code(visit.application)
    except NotEditable:
        return redirect("apply-done", code=code)
    context = {
        "title": visit.engine.definition.title,
        "code": code,
        "made": made,
        "until": timezone.localtime(timezone.now() + carrying.LIFE),
        "draft_until": expires_at(visit.application),
        "address": request.build_absolute_uri("/continue/"),
    }
    return TemplateResponse(request, "followup/carry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def continue_(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _ask(request)
    typed = request.POST.get("number", "").replace("\x00", "")[:60]
    code = carrying.read_code(typed)
    if code is None:
        return _ask(request, typed, _("続きの番号は、前の端末に表示された英字と数字10文字を入力してください。"))
    if not limits.GUESSES_OF_NETWORK.take(network_of(request)):
        return _ask(
            request,
            typed,
            _("何度も入力したため、いまは確かめられません。1時間ほどしてから試してください。"),
            status=429,
        )
    link = carrying.redeem(code)
    if link is None:
        message = _(
            "この番号では開けませんでした。番号を確かめてください。番号は1回だけ、24時間以内に使えます。"
            "前の端末の「あとで続ける」から、新しい番号を出すこともできます。"
        )
        return _ask(request, typed, message)
    return redirect("apply-resume", code=link.application.form.code, token=token_of(link))


def _ask(request: HttpRequest, typed: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    context = {"typed": typed, "problem": problem}
    return TemplateResponse(request, "followup/continue.html", context, status=status)
