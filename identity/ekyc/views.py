"""Where the verifier tells what it decided after the resident had left."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity.config import Misconfigured
from identity.ekyc.config import ekyc
from identity.ekyc.services import hear
from identity.ekyc.verifier import noticed
from identity.problems import Problem, Refused
from identity.tokens import LONGEST

logger = logging.getLogger(__name__)


@csrf_exempt  # the verifier has no cookie of ours; its signature is checked instead
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """202 whenever it need not come again, 503 when it should."""
    try:
        config = ekyc()
        if config is None:
            raise Refused(Problem.REFUSED, "not configured")
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
            raise Refused(Problem.REFUSED, "too long")
        hear(*noticed(config, request.body.decode("ascii", "replace").strip()), config)
    except Misconfigured:
        logger.exception("eKYC is misconfigured")
        return HttpResponse(status=503)
    except Refused as refused:
        logger.warning("notice of eKYC refused: %s %s", refused.problem, refused.detail)
        return HttpResponse(status=503 if refused.problem == Problem.UNREACHABLE else 400)
    return HttpResponse(status=202)
