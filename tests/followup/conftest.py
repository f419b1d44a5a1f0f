"""The cast, and the real mail server of tests/outreach."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from tests.outreach import conftest as outreach
from tests.support.cast import Cast, make_cast

letterbox = outreach.letterbox


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def rf_request(rf: RequestFactory) -> Callable[[str, str], HttpRequest]:
    """A request from an address, by way of a proxy if there is a second."""

    def make(remote: str, forwarded: str) -> HttpRequest:
        headers = {"X-Forwarded-For": forwarded} if forwarded else None
        return rf.get("/", headers=headers, REMOTE_ADDR=remote)

    return make
