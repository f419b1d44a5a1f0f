"""Postcode to address, for the script on the page; the page does without it too."""

from collections.abc import Mapping
from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from formbuilder.japanese import Refused
from formbuilder.japanese.postcode import NoTable, lookup, normalise_postcode
from formbuilder.japanese.postcode_table import Place


@require_safe
def postcode(request: HttpRequest, postcode: str) -> JsonResponse:
    """`{"places": [{prefecture, city, town, note}], "message": ""}`; an unknown code has no place, and a message."""
    try:
        places = lookup(normalise_postcode(postcode))
    except NoTable as refused:
        return _answer([], refused.message, {"Cache-Control": "no-store"})
    except Refused as refused:
        return _answer([], refused.message)
    message = "" if places else _("この郵便番号の住所が見つかりません。住所を直接入力してください。")
    return _answer(places, message)


# the same for everybody; a look-up costs 0.1 ms, less than counting it
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def _answer(places: list[Place], message: str, headers: Mapping[str, str] = FOR_A_DAY) -> JsonResponse:
    return JsonResponse({"places": [asdict(place) for place in places], "message": message}, headers=dict(headers))
