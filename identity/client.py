"""The one place that calls out: with time limits, without following redirects, and never reading without end."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from identity.config import is_safe
from identity.problems import Problem, Refused

TIMES = (3.05, 10)  # seconds to connect, and between two pieces of an answer
LARGEST = 1024 * 1024  # bytes of an answer


def get_json(url: str, *, bearer: str = "") -> Any:
    """Raises Refused: UNREACHABLE."""
    return json_of(get(url, bearer=bearer)[1])


def get(url: str, *, bearer: str = "", largest: int | None = None) -> tuple[str, bytes]:
    """Content type and body. largest: bytes, LARGEST unless told. Raises Refused: UNREACHABLE."""
    return _ask("GET", url, largest=largest, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})


def post_form(url: str, data: Mapping[str, str]) -> Any:
    """JSON. Raises Refused: UNREACHABLE, or REFUSED when the provider says that the request is wrong."""
    return json_of(_ask("POST", url, data=dict(data))[1])


def post_json(url: str, data: Mapping[str, str], *, bearer: str) -> Any:
    """JSON, both ways. Raises Refused as post_form does."""
    return json_of(_ask("POST", url, json=dict(data), headers={"Authorization": f"Bearer {bearer}"})[1])


def json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(Problem.UNREACHABLE, "no JSON") from None


def _ask(method: str, url: str, *, largest: int | None = None, **options: Any) -> tuple[str, bytes]:
    if not is_safe(url):
        raise Refused(Problem.UNREACHABLE, "address")
    try:
        with requests.request(method, url, timeout=TIMES, allow_redirects=False, stream=True, **options) as answer:
            if 400 <= answer.status_code < 500:
                raise Refused(Problem.REFUSED, f"provider said {answer.status_code}")
            if answer.status_code not in (200, 201):
                raise Refused(Problem.UNREACHABLE, f"provider said {answer.status_code}")
            body = b""
            for piece in answer.iter_content(65_536):
                body += piece
                if len(body) > (largest or LARGEST):
                    raise Refused(Problem.UNREACHABLE, "too long")
            return answer.headers.get("Content-Type", ""), body
    except requests.RequestException as problem:
        raise Refused(Problem.UNREACHABLE, type(problem).__name__) from None
