"""The language that a resident reads in. Staff read Japanese, and so do those who asked for nothing else."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate, get_language, get_language_from_request
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)

NATIVE = "ja"  # what the program, and most forms, are written in
EASY = "ja-easy"  # やさしい日本語, a language of its own to gettext
STAFF_PREFIX = "/admin/"


@dataclass(frozen=True, slots=True)
class Language:
    """code: of gettext; tag: what HTML calls it; label: as its speakers do."""

    code: str
    tag: str
    label: str


TAGS = {EASY: "ja", "zh-hans": "zh-Hans", "pt-br": "pt-BR"}
LANGUAGES = tuple(Language(code, TAGS.get(code, code), str(label)) for code, label in settings.LANGUAGES)
BY_CODE = {language.code: language for language in LANGUAGES}


def current() -> Language:
    """The language of this request, or of the mail that is written."""
    return BY_CODE.get(get_language() or NATIVE, BY_CODE[NATIVE])


def is_japanese() -> bool:
    return current().tag == NATIVE


def language_of(request: HttpRequest) -> str:
    """What the visitor chose, else what the browser asks for. やさしい日本語 is only ever chosen."""
    if request.path_info.startswith(STAFF_PREFIX):
        return NATIVE
    return get_language_from_request(request)


def remember(response: HttpResponseBase, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def chosen_within(request: HttpRequest) -> str:
    """The language that a button of the page's own form asks for, "" if none: the rest of this answer is in it."""
    action, _, code = request.POST.get("action", "").partition(":")
    if action != "language" or code not in BY_CODE:
        return ""
    activate(code)  # the middleware goes back to what was before
    return code


@csrf_exempt  # changes nothing but what is read next; without it every page would need a token, and could not be cached
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Back to the page that the choice was made on, in the language chosen."""
    page = request.POST.get("page", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    if not is_ours:
        log.warning("refused: a way back that leads to another site")
    response = redirect(page if is_ours else reverse("wagtail_serve", args=("",)))
    if (code := request.POST.get("language", "")) in BY_CODE:
        remember(response, code)
    return response
