"""支払い: the page behind the gate and the link, the way to the provider and back, and the receipt."""

import logging
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from applications.lifecycle import NotAllowed, advance, lock, move
from applications.models import Application
from applications.status import Action, Status
from applications.views.errors import visit_or_404
from payments.fees import ensure_fee, fee_of, requirement_of
from payments.links import application_of, path_of, token_of
from payments.models import Fee
from payments.paying import NothingDue, NotOffered, look_at_all, start
from payments.providers import Rejected, Unreachable
from payments.receipt import CONTENT_TYPE, FILE_NAME, pdf_of
from payments.standing import Standing, standing_of
from payments.stripe_provider import page_origin

logger = logging.getLogger(__name__)

DOWN = gettext_noop(
    "いまは支払いの画面を開けません。支払いは済んでいません。少し待ってから、もう一度「支払いに進む」を押してください。"
)
NOT_ONLINE = gettext_noop(
    "この金額は、この画面からは支払えません。窓口での支払いについて、問い合わせ先へ連絡してください。"
)
NOT_SURE = gettext_noop(
    "支払いを確かめられませんでした。支払った方は、もう一度支払わずに、"
    "少し待ってから「支払いを確かめる」を押してください。"
)
CANCELLED = gettext_noop("支払いは済んでいません。申請の内容は残っています。支払期限までに、もう一度支払ってください。")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    application = _application_or_404(token)
    if application.status == Status.DRAFT:  # the link of a draft is in nobody's hands but its own
        return redirect("apply", code=application.form.code)
    fee = _kept_fee(application)
    if request.method == "POST":
        return _pay(request, application, fee)
    return _page(request, standing_of(application, fee))


def _application_or_404(token: str) -> Application:
    application = application_of(token)
    if application is None or requirement_of(application) is None:
        raise Http404
    return application


def _kept_fee(application: Application) -> Fee:
    return fee_of(application) or _keep_fee(application.pk)


@transaction.atomic
def _keep_fee(application_id: int) -> Fee:
    """The resident is here sooner than the worker has heard of the declaration."""
    fee = ensure_fee(lock(application_id))
    assert fee is not None  # nothing but a draft has none
    return fee


def _page(request: HttpRequest, standing: Standing, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        **_context(standing),
        "problem": problem,
        "may_stop": standing.application.status == Status.PENDING,
    }
    response = TemplateResponse(request, "payments/pay.html", context, status=status)
    if standing.methods:  # the button's way leads there
        # django-csp reads this attribute; it is no field of a response that the types know
        response._csp_update = {"form-action": [page_origin()]}  # type: ignore[attr-defined]
    return response


def _context(standing: Standing) -> dict[str, Any]:
    application = standing.application
    return {
        "title": application.version.engine.definition.title,
        "code": application.form.code,
        "application": application,
        "standing": standing,
        "fee": standing.fee,
        "token": standing.token,
        "department": application.department,
    }


def _pay(request: HttpRequest, application: Application, fee: Fee) -> HttpResponse:
    """To the provider's page; when there is none to be had, back to ours, with what to do."""
    try:
        payment = start(application.pk)
    except NothingDue:
        return redirect("payment", token=token_of(application))
    except NotOffered:
        return _page(request, standing_of(application, fee), _(NOT_ONLINE), 409)
    except (Unreachable, Rejected) as problem:
        logger.warning("no page to pay: %s %s", type(problem).__name__, problem)
        return _page(request, standing_of(application, fee), DOWN, 503)
    return redirect(payment.page_url or path_of(application))


@require_safe
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """From the provider's page. What counts is what the provider says now, not that somebody came back."""
    application = _application_or_404(token)
    fee = _kept_fee(application)
    try:
        look_at_all(fee)
    except (Unreachable, Rejected) as problem:
        logger.warning("cannot look at a payment: %s %s", type(problem).__name__, problem)
        return _page(request, standing_of(application, fee), _(NOT_SURE), 503)
    application = advance(application.pk)
    if application.received_at is not None and standing_of(application, fee).balance.due == 0:
        return redirect("payment-done", code=application.form.code, token=token)
    return redirect("payment", token=token)


@require_safe
def done(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Below the form's own address, where the browser that applied shows its key: then to the number."""
    application = _application_or_404(token)
    visit = visit_or_404(request, code)
    if visit.application is not None and visit.application.pk == application.pk:
        return redirect("apply-done", code=code)
    return redirect("payment", token=token)


@require_safe
def cancelled(request: HttpRequest, token: str) -> HttpResponse:
    application = _application_or_404(token)
    standing = standing_of(application, _kept_fee(application))
    return _page(request, standing, _(CANCELLED) if standing.due else "")


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Take the application back instead of paying; asks once more."""
    application = _application_or_404(token)
    if application.status != Status.PENDING:
        return redirect("payment", token=token)
    if request.method != "POST":
        return TemplateResponse(
            request, "payments/stop.html", _context(standing_of(application, _kept_fee(application)))
        )
    with suppress(NotAllowed):  # paid, or ended, in this moment
        _withdraw_unpaid(application.pk)
    return redirect("payment", token=token)


@transaction.atomic
def _withdraw_unpaid(application_id: int) -> None:
    """Who has just paid has arrived, and takes the application back on the page of its state. Raises NotAllowed."""
    if lock(application_id).status != Status.PENDING:
        raise NotAllowed(application_id)
    move(application_id, Action.WITHDRAW)


@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """納付確認書, as a file."""
    application = _application_or_404(token)
    standing = standing_of(application, _kept_fee(application))
    if not standing.payments:
        raise Http404
    response = HttpResponse(pdf_of(standing), content_type=CONTENT_TYPE)
    name = FILE_NAME.format(number=standing.fee.number)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
