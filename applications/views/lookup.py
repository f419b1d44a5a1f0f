"""Postcode to address, and words to names of a long list, for scripts on the page; the page does without them too."""

from collections.abc import Mapping
from dataclasses import asdict

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.listed import LONGEST, SHOWN, ListedType
from formbuilder.japanese import Refused
from formbuilder.japanese.postcode import NoTable, lookup, normalise_postcode
from formbuilder.japanese.postcode_table import Place
from formbuilder.models import FormVersion

# the same for everybody; a look-up costs 0.1 ms, less than counting it
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


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


@require_safe
def listed(request: HttpRequest, version: int) -> JsonResponse:
    """`{"names": []}` of the item `?item=` that have `?q=` in them; of a published form only.

    item: key of the item, or "group.row.key" of one in a row.
    """
    found = get_object_or_404(FormVersion.objects.filter(form__live=True).select_related("form"), pk=version)
    key, *inside = request.GET.get("item", "").split(".")
    field = found.engine.fields.get(key)
    item = field.definition if field else None
    if item is not None and inside:
        item = next((inner for inner in item.fields if inner.key == inside[-1]), None)
    type_ = FIELD_TYPES[item.type] if item is not None else None
    if item is None or not isinstance(type_, ListedType):
        raise Http404
    names = type_.found(item, request.GET.get("q", "").strip()[:LONGEST])
    return JsonResponse({"names": names[:SHOWN]}, headers=FOR_A_DAY)


def _answer(places: list[Place], message: str, headers: Mapping[str, str] = FOR_A_DAY) -> JsonResponse:
    return JsonResponse({"places": [asdict(place) for place in places], "message": message}, headers=dict(headers))
