"""A real mail server beside the tests, and the cast."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from tests.outreach.letterbox import Letterbox
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def letterbox(settings: Settings) -> Iterator[Letterbox]:
    """What arrived at the server that mail is sent to."""
    letterbox = Letterbox()
    server = Controller(letterbox, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server.sockets[0].getsockname()[1]
    yield letterbox
    server.stop()
