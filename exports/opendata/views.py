"""Open data at public addresses: a list of what there is, and each of it as CSV and JSON."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.models import Site

from applications.sheets.csv_file import csv_pieces
from exports.opendata.datasets import DATASETS, Dataset
from exports.opendata.models import OpenData

FRESH = 3600  # seconds
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


def _published(request: HttpRequest) -> tuple[Site, OpenData]:
    site = Site.find_for_request(request)
    options = OpenData.for_request(request) if site else None
    if site is None or options is None or not options.is_on:
        raise Http404
    return site, options


def _offered(options: OpenData) -> Iterator[Dataset]:
    for dataset in DATASETS.values():
        if dataset.name != "statistics" or options.has_statistics:
            yield dataset


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    _, options = _published(request)
    datasets = [
        {
            "名称": dataset.title,
            "利用条件": options.get_licence_display(),
            "更新頻度": "毎月" if dataset.name == "statistics" else "随時",
            "ファイル": [
                {
                    "形式": ending.upper(),
                    "URL": settings.BASE_URL + reverse("opendata:file", args=[dataset.name, ending]),
                }
                for ending in CONTENT_TYPES
            ],
        }
        for dataset in _offered(options)
    ]
    about = {
        "全国地方公共団体コード": options.municipality_code,
        "地方公共団体名": settings.WAGTAIL_SITE_NAME,
        "データセット": datasets,
    }
    return _public(JsonResponse(about, json_dumps_params={"ensure_ascii": False, "indent": 1}))


def _address(dataset: Dataset, ending: str) -> str:
    return f"{settings.BASE_URL}{reverse('opendata:file', args=[dataset.name, ending])}"


@require_safe
def file(request: HttpRequest, name: str, ending: str) -> HttpResponse:
    site, options = _published(request)
    dataset = next((each for each in _offered(options) if each.name == name), None)
    if dataset is None or ending not in CONTENT_TYPES:
        raise Http404
    stamp = f"{options.municipality_code}|{options.licence}"
    key = f"opendata|{site.pk}|{name}|{ending}|{hashlib.sha256(stamp.encode()).hexdigest()}"
    content = cache.get_or_set(key, lambda: _written(dataset, ending, site, options), FRESH)
    response = HttpResponse(content, content_type=CONTENT_TYPES[ending])
    response["Content-Disposition"] = f'inline; filename="{name}.{ending}"'
    return _public(response)


def _written(dataset: Dataset, ending: str, site: Site, options: OpenData) -> bytes:
    rows = dataset.rows(site, options)
    if ending == "csv":
        return b"".join(csv_pieces(dataset.headings, rows))
    things: list[dict[str, Any]] = [dict(zip(dataset.headings, row, strict=True)) for row in rows]
    about = {"名称": dataset.title, "利用条件": options.get_licence_display(), "データ": things}
    return json.dumps(about, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _public(response: HttpResponse) -> HttpResponse:
    """Anybody's program and page may read it, and keep it for an hour."""
    response["Cache-Control"] = f"public, max-age={FRESH}"
    response["Access-Control-Allow-Origin"] = "*"
    return response
