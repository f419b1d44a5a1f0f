"""Postcode to address, for the script on the page; the page does without it too."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from formbuilder.japanese import Refused
from formbuilder.japanese.postcode import lookup, normalise_postcode


@require_safe
@cache_control(public=True, max_age=86_400)  # the same for everybody; a look-up costs 0.1 ms, less than counting it
def postcode(request: HttpRequest, postcode: str) -> JsonResponse:
    """`{"places": [{prefecture, city, town, note}], "message": ""}`; an unknown code has no place, and a message."""
    try:
        places = lookup(normalise_postcode(postcode))
    except Refused as refused:
        return JsonResponse({"places": [], "message": refused.message})
    message = "" if places else _("この郵便番号の住所が見つかりません。住所を直接入力してください。")
    return JsonResponse({"places": [asdict(place) for place in places], "message": message})
