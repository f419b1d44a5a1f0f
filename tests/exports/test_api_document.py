"""The API against its own OpenAPI document: no 5xx, and no answer that is not in it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.exports.asking import make_token
from tests.support.cast import Cast, submit

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 12


def answer_to(case: Any, secret: str) -> Response:
    """Sent through Django's client: schemathesis' own runs in a thread that does not see the test's transaction."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "key-00000001", "If-Match": '"1-1"'}
    url = f"{case.formatted_path}?{urlencode(case.query or {}, doseq=True)}"
    body = json.dumps(case.body).encode() if isinstance(case.body, dict | list | str | int | float | None) else b""
    sent: Any = Client().generic(case.method, url, body, content_type="application/json", headers=headers)
    content = b"".join(sent.streaming_content) if sent.streaming else sent.content
    kept = {name.lower(): [value] for name, value in sent.headers.items()}
    request = requests.Request(case.method, f"http://testserver{url}", data=body).prepare()
    return Response(sent.status_code, kept, content, request, elapsed=0.1, verify=False)


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Client().get("/api/v1/openapi.json").content)
    return found


OPERATIONS = [
    ("get", "/forms"),
    ("get", "/forms/{code}"),
    ("get", "/applications"),
    ("get", "/applications/{reference}"),
    ("get", "/applications/{reference}/files/{file_id}"),
    ("get", "/events"),
    ("post", "/applications/{reference}/status"),
    ("get", "/bookings"),
    ("get", "/outbox"),
    ("get", "/outbox/{reference}"),
    ("get", "/outbox/{reference}/package"),
    ("get", "/outbox/{reference}/file"),
    ("post", "/outbox/{reference}/acknowledgement"),
]


@pytest.mark.django_db
def test_the_document_has_exactly_what_is_tested_here() -> None:
    found = document()
    listed = {(method, path.removeprefix("/api/v1")) for path, item in found["paths"].items() for method in item}
    assert listed == set(OPERATIONS)
    for item in found["paths"].values():
        for operation in item.values():
            assert {"200", "401", "403", "404", "422", "429", "503"} <= operation["responses"].keys()
            assert operation["security"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_in_the_document(cast: Cast, method: str, path: str) -> None:
    reference = str(submit(cast.form).reference)
    secret = make_token(cast.children, cast.officer)
    schema = schemathesis.openapi.from_dict(document())
    operation = schema[f"/api/v1{path}"][method.upper()]

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        if "reference" in (case.path_parameters or {}) and len(str(case.path_parameters["reference"])) % 2:
            case.path_parameters["reference"] = reference  # so that some are found
        case.validate_response(answer_to(case, secret), checks=CHECKS)

    holds()
