"""Where Stripe tells what happened: kept and answered at once, looked into by the worker."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.inbox import receive
from payments.providers import Rejected
from payments.stripe_provider import read_event

logger = logging.getLogger(__name__)

LARGEST = 512 * 1024  # bytes; Stripe's are some thousand


@csrf_exempt  # Stripe has no cookie of ours; its signature is checked instead
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise Rejected("too large")
        told = read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except Rejected as problem:
        logger.warning("webhook refused: %s", problem)
        return HttpResponse("not accepted", status=400, content_type="text/plain")
    receive(told)
    return HttpResponse("ok", content_type="text/plain")
